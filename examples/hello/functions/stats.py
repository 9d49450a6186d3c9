# Counts the words of the request's body. INPUT is set by the platform.
import json

words = (INPUT.get("body") or "").split()
print(json.dumps({"status": 200, "body": json.dumps({"words": len(words), "distinct": len(set(words))})}))
