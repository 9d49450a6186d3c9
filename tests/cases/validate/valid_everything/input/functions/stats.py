def handle(req):
    return {}
