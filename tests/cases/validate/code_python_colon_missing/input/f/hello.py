if INPUT
    print(1)
