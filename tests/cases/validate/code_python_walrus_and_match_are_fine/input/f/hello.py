match INPUT:
    case {'a': x}:
        print(x)
