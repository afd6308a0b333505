"""The note in plain words that goes with a proof from the log: how to check it without this software."""

from __future__ import annotations

TEXT = """\
This folder proves that one object is in the log of an agency's records.

  proof.tlog-proof   the proof, as https://c2sp.org/tlog-proof has it
  entry.json         the log's entry: the object's key and the SHA-256 of its bytes
  checkpoint.txt     the state of the log that was signed: its name, its size, its root
  checkpoint.sig     the signature over it, Ed25519
  log-key.pem        the log's public key; log-key.vkey is the same, as other tools spell it

Compare the key with one that you had from the agency at another time, or by another way.
A proof that brings its own key proves only that whoever made the one made the other.

1. The signature (OpenSSL 3):

openssl pkeyutl -verify -pubin -inkey log-key.pem -rawin -in checkpoint.txt -sigfile checkpoint.sig

2. The object, if you have it: its hash must be the one in entry.json.

sha256sum FILE

3. The way from the entry to the root in checkpoint.txt (Python 3, in this folder):

from base64 import b64decode
from hashlib import sha256
lines = open("proof.tlog-proof").read().split("\\n")
end = lines.index("")
index, size, root = int(lines[2].split()[1]), int(lines[end + 2]), b64decode(lines[end + 3])
assert open("checkpoint.txt").read().split("\\n")[:3] == lines[end + 1 : end + 4]
node, last = sha256(b"\\0" + open("entry.json", "rb").read()).digest(), size - 1
for line in lines[3:end]:
    right = index % 2 == 1 or index == last
    node = sha256(b"\\1" + (b64decode(line) + node if right else node + b64decode(line))).digest()
    while right and index % 2 == 0 and index:
        index, last = index // 2, last // 2
    index, last = index // 2, last // 2
print("proved" if node == root and last == 0 else "NOT PROVED")
"""
