print(010)
