"""One reader a format (formats.py names them), and what several of them share."""
