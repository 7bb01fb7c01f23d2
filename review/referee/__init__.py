"""The referees' pages: by a link without an account, or signed in."""
