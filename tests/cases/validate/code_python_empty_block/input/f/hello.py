def handle(req):

print(1)
