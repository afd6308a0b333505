"""Platforms to pages: one short file a platform, one polite evidence-keeping client. Alone imports httpx."""
