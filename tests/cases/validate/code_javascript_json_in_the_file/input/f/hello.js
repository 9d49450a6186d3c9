{"status": 200}
