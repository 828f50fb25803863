"""What the project decides, as data, and the models that check it. Importing it has no effect outside it."""
