"""What is scanned: stickers with their URL and EMVCo form, reading what a scanner saw.

Owns the table of stickers and every format that stands in a printed code. Knows no price and no rider: a sticker says what it is
fixed to and whose it is; the sector of its kind decides the rest. Calls `base` and `web` alone.
"""
