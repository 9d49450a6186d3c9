@cache
print(1)
