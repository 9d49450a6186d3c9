def handle(req):
    return {"status": 200}
