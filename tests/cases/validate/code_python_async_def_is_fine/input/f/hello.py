async def handle(req):
    return 1


print(1)
