#!/usr/bin/env python3
"""Prints a line for each alert that Alertmanager sends to http://127.0.0.1:9099/RECEIVER."""
import http.server
import json
import time


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in message["alerts"]:
            labels, notes = alert["labels"], alert["annotations"]
            print(time.strftime("%H:%M:%S"), self.path[1:], alert["status"], labels["alertname"], "-", notes["summary"], flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments):
        pass


http.server.HTTPServer(("127.0.0.1", 9099), Receiver).serve_forever()
