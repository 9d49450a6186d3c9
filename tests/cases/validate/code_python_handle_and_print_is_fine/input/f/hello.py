def handle(req):
    return {"status": 200}


print(handle(INPUT))
