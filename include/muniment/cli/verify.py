"""`muniment verify`: re-read every byte and say whether it is what the manifests name."""
