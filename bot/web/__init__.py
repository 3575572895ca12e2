"""The public web app. Nothing of the staff desk may be imported here."""
