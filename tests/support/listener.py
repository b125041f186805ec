"""Listens on RabbitMQ as the consumers of earlier systems do: declares its durable queues without
arguments, reads each for ever and acknowledges what it has read. What it hears it writes to
standard output, one line of JSON for each message."""

import json
import sys

import pika

url, seed_queues = sys.argv[1], sys.argv[2:]
ALL, ORDERS = "listener.all", "payment_order_created_queue"
PAYMENTS = "payment_order_result_queue"


def declare(channel):
    for queue in seed_queues:
        channel.queue_declare(queue=queue, durable=True)
    channel.exchange_declare("bazaar.events", exchange_type="topic", durable=True)
    channel.queue_declare(queue=ALL, durable=True)
    channel.queue_bind(ALL, "bazaar.events", routing_key="#")
    channel.exchange_declare("order_events", exchange_type="fanout", durable=True)
    channel.queue_declare(queue=ORDERS, durable=True)
    channel.queue_bind(ORDERS, "order_events")
    channel.exchange_declare("payment_events", exchange_type="fanout", durable=True)
    channel.queue_declare(queue=PAYMENTS, durable=True)
    channel.queue_bind(PAYMENTS, "payment_events")


def hear(queue):
    def heard(channel, method, properties, body):
        line = {
            "queue": queue,
            "key": method.routing_key,
            "headers": properties.headers,
            "messageId": properties.message_id,
            "persistent": properties.delivery_mode == 2,
            "body": json.loads(body),
        }
        print(json.dumps(line), flush=True)
        channel.basic_ack(method.delivery_tag)

    return heard


def listen(connection):
    channel = connection.channel()
    declare(channel)
    channel.basic_qos(prefetch_count=500)
    for queue in [*seed_queues, ALL, ORDERS, PAYMENTS]:
        channel.basic_consume(queue, hear(queue))
    print(json.dumps({"listening": True}), flush=True)
    channel.start_consuming()


while True:
    try:
        parameters = pika.URLParameters(url)
        parameters.retry_delay = 0.1
        listen(pika.BlockingConnection(parameters))
    except (pika.exceptions.AMQPError, OSError):
        continue  # the broker was killed, and comes back
