<html><body>hi</body></html>
