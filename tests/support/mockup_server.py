# Plays a MongoDB by mockupdb, a server of the wire protocol that is not ours, and says its port.
#
#     /usr/bin/python3 mockup_server.py
#
# What is answered depends on the command alone: see answer_to(). A command in the collection `late` is answered
# after 60 ms, of a reply in `torn` half is sent, and `refused` is refused.
import sys
import threading
import time

try:
    import bson
    import mockupdb
except ImportError as error:
    sys.exit("missing: apt-get install python3-mockupdb python3-pymongo (%s)" % error)

HELLO = {
    "ismaster": True,
    "helloOk": True,
    "minWireVersion": 0,
    "maxWireVersion": 17,
    "maxBsonObjectSize": 16777216,
    "maxMessageSizeBytes": 48000000,
    "maxWriteBatchSize": 100000,
}
PLAN = {"winningPlan": {"stage": "COLLSCAN"}, "namespace": "chat.pages"}
INDEXES = [{"name": "_id_", "accesses": {"ops": bson.int64.Int64(7)}}]


def cursor(name, documents, number=0):
    return {"cursor": {"id": bson.int64.Int64(number), "ns": "chat.pages", name: documents}}


def answer_to(command, name):
    if name == "find":
        return cursor("firstBatch", [{"_id": 1, "body": "canary"}, {"_id": 2}], 4711)
    if name == "getMore":
        return cursor("nextBatch", [{"_id": 3}])
    if name == "aggregate":
        return cursor("firstBatch", INDEXES)
    if name == "insert":
        return {"n": len(command["documents"])}
    if name == "explain":
        return {"queryPlanner": PLAN, "ok": 1.0}
    if name == "collStats":
        return {"ns": "chat.pages", "count": 3, "size": 4096, "nindexes": 1}
    return {}


def handle(request):
    name = request.command_name
    if name.lower() in ("ismaster", "hello"):
        return request.replies(HELLO)
    collection = request.doc.get(name)
    if collection == "refused":
        return request.command_err(112, "canary", codeName="WriteConflict",
                                   errorLabels=["TransientTransactionError"])
    if collection == "torn":
        reply = mockupdb.OpMsgReply(answer_to(request.doc, name)).reply_bytes(request)
        request._client.sendall(reply[: len(reply) // 2])
        return request.hangup()
    if collection == "late":
        time.sleep(0.06)
    return request.replies(answer_to(request.doc, name))


server = mockupdb.MockupDB(request_timeout=int(1e6))
server.autoresponds(handle)
server.run()
print("port", server.port, flush=True)
threading.Event().wait()
