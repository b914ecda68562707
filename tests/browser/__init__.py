"""The app in a browser, as people use it, on the whole system."""
