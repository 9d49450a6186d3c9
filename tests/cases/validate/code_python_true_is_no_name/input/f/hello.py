True = 1
print(1)
