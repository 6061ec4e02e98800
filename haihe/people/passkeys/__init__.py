"""Passkeys: keys in people's devices with which they sign in and confirm payments (W3C WebAuthn, level 3).

Owns public keys and used challenges. A challenge is signed by the city and bound to what it is for; it needs no row until it has
served. The device must have verified its user each time. Works only where the browser allows it: at a name over https, or at localhost.
Never: sees a private key or what a finger looks like. Calls base and the rest of people.
"""
