"""The pages that people read, a module and a template each."""
