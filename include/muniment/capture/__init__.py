"""Platforms to pages: one short file a platform, one polite evidence-keeping client. The only folder that imports httpx."""
