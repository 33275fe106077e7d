"""The commands, one small file each. Nothing else imports from here."""
