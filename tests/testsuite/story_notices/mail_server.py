"""A mail server for tests: aiosmtpd on a free port of 127.0.0.1.

Says `listening PORT`, then one JSON line for every letter, read by Python's own mail parser.
Recipients `unknown@…` are refused for good, recipients `later@…` for now, the first time.

usage: mail_server.py [--tls CERTIFICATE KEY] [--login NAME PASSWORD]
"""

import argparse
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Letters:
    def __init__(self):
        self.turned_away = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("unknown@"):
            return "550 5.1.1 <%s> has no mailbox here" % address
        if address.startswith("later@") and address not in self.turned_away:
            self.turned_away.add(address)
            return "451 4.7.1 please come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        part = lambda kind: (found := message.get_body((kind,))) and found.get_content()
        letter = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "names": [name.lower() for name in message.keys()],
            "defects": [str(defect) for defect in message.defects],
            "text": part("plain"),
            "html": part("html"),
            "secure": session.ssl is not None,
            "login": session.authenticated,
        }
        print(json.dumps(letter), flush=True)
        return "250 taken"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--tls", nargs=2)
    arguments.add_argument("--login", nargs=2)
    chosen = arguments.parse_args()
    options = {}
    if chosen.tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*chosen.tls)
        options |= {"tls_context": context, "require_starttls": True}
    if chosen.login:
        wanted = tuple(word.encode() for word in chosen.login)

        def authenticate(server, session, envelope, mechanism, data):
            return AuthResult(success=(data.login, data.password) == wanted, handled=False)

        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": bool(chosen.tls)}
    # The controller asks its own port whether it is up, which port 0 cannot answer: the server is made by hand.
    controller = Controller(Letters(), hostname="127.0.0.1", port=0, **options)
    server = controller.loop.run_until_complete(controller._create_server())
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    controller.loop.run_forever()


try:
    main()
except (KeyboardInterrupt, BrokenPipeError):
    sys.exit(0)
