"""HTML pages: a module and a template for each."""
