"""The cooperation network one hop around an agent or an action: who stands there, and how it is laid out on a page."""
