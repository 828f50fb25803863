"""The project's settings as data, and the models that check them. Importing this package has no side effects."""
