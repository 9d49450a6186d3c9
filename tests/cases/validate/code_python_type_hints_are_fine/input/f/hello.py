def handle(req: dict[str, int]) -> dict | None:
    return None


print(handle(INPUT))
