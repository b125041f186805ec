"""Razorpay's own package at our sandbox: says as JSON what came of each thing that it was told to do.

It is told on standard input: {"url", "key", "secret", "checkout": {...}, "webhook": {...}}, where
`checkout` and `webhook` are signed by us, and is to be believed or not.
"""

import hmac
import json
import sys

import razorpay
import razorpay.utility.utility as utility


class Watched:
    """Stands before the package's `hmac`, and remembers the last signature that it made."""

    new = staticmethod(hmac.new)
    made = None

    @classmethod
    def compare_digest(cls, made, given):
        cls.made = made
        return hmac.compare_digest(made, given)


utility.hmac = Watched


def believed(verify, *what):
    try:
        return bool(verify(*what))
    except razorpay.errors.SignatureVerificationError:
        return False


def signatures(client, told):
    checkout, webhook = told["checkout"], told["webhook"]
    verify = client.utility.verify_payment_signature
    ours = believed(verify, checkout)
    made = Watched.made
    forged = believed(verify, {**checkout, "razorpay_payment_id": "pay_other"})
    verify = client.utility.verify_webhook_signature
    hook = believed(verify, webhook["body"], webhook["signature"], webhook["secret"])
    return {
        "checkout": ours,
        "checkout_forged": forged,
        "checkout_theirs": made,
        "webhook": hook,
        "webhook_theirs": Watched.made,
    }


def orders(client, pay):
    wanted = {"amount": 129900, "currency": "INR", "receipt": "a-lamp", "notes": {"lamp": "bright"}}
    order = client.order.create(wanted)
    found = client.order.all({"receipt": "a-lamp"})
    paid = pay(order["id"])
    paid_for = believed(client.utility.verify_payment_signature, paid)
    payment = client.payment.fetch(paid["razorpay_payment_id"])
    attempts = client.order.payments(order["id"])
    refund = client.payment.refund(payment["id"], {"amount": 129900})
    refused = None
    try:
        client.payment.refund(payment["id"], {"amount": 129900})
    except razorpay.errors.BadRequestError as error:
        refused = str(error)
    return {
        "found": found["count"],
        "paid_for": paid_for,
        "status": payment["status"],
        "attempts": attempts["count"],
        "order": client.order.fetch(order["id"])["status"],
        "refund": refund["status"],
        "refused": refused,
    }


def main():
    told = json.load(sys.stdin)
    client = razorpay.Client(auth=(told["key"], told["secret"]), base_url=told["url"])

    def pay(order):
        answer = client.session.post(told["url"] + "/pay", json={"order_id": order, "outcome": "success"})
        return answer.json()

    json.dump({**signatures(client, told), **orders(client, pay)}, sys.stdout)


main()
