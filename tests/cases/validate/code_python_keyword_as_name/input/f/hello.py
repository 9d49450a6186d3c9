class = 1
print(1)
