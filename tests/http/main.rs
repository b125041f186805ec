//! Everything over HTTP, on a marketplace in this process.

#[path = "../support/binary.rs"]
mod binary;
#[path = "../support/bomb.rs"]
mod bomb;
#[path = "../support/call.rs"]
mod call;
#[path = "../support/chat.rs"]
mod chat;
#[path = "../support/ears.rs"]
mod ears;
#[path = "../support/goods.rs"]
mod goods;
#[path = "../support/line.rs"]
mod line;
#[expect(dead_code, reason = "the tests of the stores use the rest of it")]
#[path = "../support/mongod.rs"]
mod mongod;
#[path = "../support/patience.rs"]
mod patience;
#[expect(dead_code, reason = "the tests of the stores know more kinds of weather")]
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/rabbit_server.rs"]
mod rabbit_server;
#[path = "../support/scripted.rs"]
mod scripted;
#[path = "../support/shop.rs"]
mod shop;
#[path = "../support/smtp.rs"]
mod smtp;
#[path = "../support/speaker.rs"]
mod speaker;
#[path = "../support/stand_in.rs"]
mod stand_in;
#[path = "../support/streams.rs"]
mod streams;

mod accounts;
mod addresses;
mod assistant_agreements;
mod assistant_apis;
mod assistant_corrections;
mod assistant_dialogues;
mod assistant_heard;
mod assistant_hostile;
mod assistant_interrupted;
mod assistant_large_carts;
mod assistant_models;
mod assistant_questions;
mod assistant_sentences;
mod assistant_sessions;
mod assistant_sockets;
mod assistant_through_kills;
mod authority;
mod bookkeeping;
mod browsers;
mod buying;
mod buying_through_outages;
mod careful_sentences;
mod cart;
mod changed_carts;
mod dashboard;
mod dashboard_through_kills;
mod dead_letters;
mod demo;
mod documents;
mod durability;
mod errors;
mod external_payments;
mod faults;
mod flash_sale;
mod idempotency;
mod inventory;
mod linearizability;
mod mailbox;
mod mails;
mod mails_through_kills;
mod mcp;
mod mcp_client;
mod mcp_package;
mod mcp_questions;
mod media_services;
mod notifications;
mod operations;
mod orders;
mod outage;
mod parcels;
mod password_reset;
mod payment_disorder;
mod payment_input;
mod payment_outage;
mod payment_set_aside;
mod payment_small;
mod payment_switches;
mod payment_twice;
mod payment_webhooks;
mod payments;
mod pictures;
mod power;
mod products;
mod rabbitmq;
mod razorpay_package;
mod refunds;
mod repeats;
mod replay;
mod requests;
mod reservations;
mod reviews;
mod revisions;
mod sandbox;
mod search;
mod search_index;
mod seed_queues;
mod sentences;
mod sessions;
mod socketio;
mod socketio_bounds;
mod socketio_client;
mod stock_stream;
mod stopping;
mod text_messages;
mod tokens;
mod two_runtimes;
mod webhook_owners;
mod webhooks;
mod webhooks_through_kills;
