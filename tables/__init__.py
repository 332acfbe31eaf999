"""The tables, a file for each subject. Only `models` imports them; everybody else imports `models`."""
