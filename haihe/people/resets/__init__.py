"""Resets: a forgotten payment passcode, so that nobody is locked out for good and no thief gets in at once.

Who still has a passkey and the phone chooses a new passcode at once. Who has only the phone says the whole ID number and waits; the
person is told meanwhile and can stop it from every device, and freezing the wallet stops it too. At a counter, staff who have seen the
person let it be done at once. Owns what was asked and when it is ready. Calls base and the rest of people.
"""
