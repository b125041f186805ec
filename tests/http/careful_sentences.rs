//! What plain sentences must not come to: the opposite, or another quantity.

use crate::sentences::Row;

const SEARCH: &str = "searchProduct";
const VIEW: &str = "viewCart";
const ADD: &str = "addProductToCart";
const UPDATE: &str = "updateCartItem";
const REMOVE: &str = "removeCartItem";

pub(crate) const CAREFUL: &[Row] = &[
    // What is not wanted is not done.
    (
        &["find a blue lamp", "do not add it to my cart"],
        &[],
        &[],
        "changed nothing",
    ),
    (
        &["find a blue lamp", "I don't want to buy it"],
        &[],
        &[],
        "changed nothing",
    ),
    (
        &["find a blue lamp", "please don't put it in my cart"],
        &[],
        &[],
        "changed nothing",
    ),
    (&["find a blue lamp", "never add it"], &[], &[], "changed nothing"),
    (
        &["find a blue lamp", "do not buy it and put it in my cart"],
        &[],
        &[],
        "changed nothing",
    ),
    (
        &["do not add 2 pup tents and 3 reading lamps to my cart"],
        &[],
        &[],
        "changed nothing",
    ),
    (
        &["buy 2 blue lamps", "do not remove it"],
        &[],
        &[("Blue lamp", 2)],
        "changed nothing",
    ),
    (
        &["buy 2 blue lamps", "do not empty my cart"],
        &[],
        &[("Blue lamp", 2)],
        "changed nothing",
    ),
    (
        &["buy 2 blue lamps", "empty my cart except the lamp"],
        &[],
        &[("Blue lamp", 2)],
        "changed nothing",
    ),
    (
        &["buy 2 blue lamps", "do not place the order"],
        &[],
        &[("Blue lamp", 2)],
        "changed nothing",
    ),
    (
        &["find a blue lamp", "do not add it, show my cart"],
        &[VIEW],
        &[],
        "Your cart is empty.",
    ),
    (
        &["add a lamp for not more than 300 to my cart"],
        &[SEARCH, ADD],
        &[("Blue lamp", 1)],
        "In your cart",
    ),
    // What is asked about is not done either.
    (
        &["find a blue lamp", "how do I add it to my cart?"],
        &[],
        &[],
        "changed nothing",
    ),
    (
        &["what happens if I buy 2 blue lamps?"],
        &[],
        &[],
        "changed nothing",
    ),
    (
        &["find a blue lamp", "should I buy it?"],
        &[],
        &[],
        "changed nothing",
    ),
    (
        &["buy 2 blue lamps", "if it is too dear, remove it"],
        &[],
        &[("Blue lamp", 2)],
        "changed nothing",
    ),
    // So many, and no others.
    (
        &["buy 5 blue lamps", "remove one of them"],
        &[VIEW, UPDATE],
        &[("Blue lamp", 4)],
        "4 × Blue lamp",
    ),
    (
        &["buy 5 blue lamps", "remove two blue lamps"],
        &[VIEW, UPDATE],
        &[("Blue lamp", 3)],
        "3 × Blue lamp",
    ),
    (
        &["buy 5 blue lamps", "remove 5 blue lamps"],
        &[VIEW, REMOVE],
        &[],
        "Your cart is empty.",
    ),
    (
        &["add 2 pup tents and 3 reading lamps"],
        &[SEARCH, ADD, SEARCH, ADD],
        &[("Pup tent", 2), ("Reading lamp", 3)],
        "In your cart",
    ),
    (
        &["add 2 pup tents and 3 reading lamps to my cart"],
        &[SEARCH, ADD, SEARCH, ADD],
        &[("Pup tent", 2), ("Reading lamp", 3)],
        "In your cart",
    ),
    (
        &["add a pup tent and a reading lamp to my cart"],
        &[SEARCH, ADD, SEARCH, ADD],
        &[("Pup tent", 1), ("Reading lamp", 1)],
        "In your cart",
    ),
    (
        &["add a lamp under 300 to my cart"],
        &[SEARCH, ADD],
        &[("Blue lamp", 1)],
        "In your cart",
    ),
    (
        &["find a blue lamp", "put it in my cart twice"],
        &[ADD],
        &[("Blue lamp", 2)],
        "2 × Blue lamp",
    ),
    // Numbers in words.
    (
        &["buy two dozen wool socks"],
        &[SEARCH, ADD],
        &[("Wool socks", 24)],
        "24 × Wool socks",
    ),
    (
        &["buy half a dozen wool socks"],
        &[SEARCH, ADD],
        &[("Wool socks", 6)],
        "6 × Wool socks",
    ),
    (
        &["buy forty-two wool socks"],
        &[SEARCH, ADD],
        &[("Wool socks", 42)],
        "42 × Wool socks",
    ),
    (
        &["buy one hundred wool socks"],
        &[SEARCH, ADD],
        &[],
        "50 are available, 100 were asked for",
    ),
    (&["lamps under one thousand"], &[SEARCH], &[], "Reading lamp"),
    // What is no number of pieces is asked back.
    (&["add -3 wool socks"], &[], &[], "How many"),
    (&["add 2.5 wool socks"], &[], &[], "How many"),
    (&["buy 5000000000 wool socks"], &[], &[], "How many"),
    (&["buy 99999999999999999999 wool socks"], &[], &[], "How many"),
    (&["add 0 wool socks"], &[], &[], "How many"),
    (
        &["buy 2 blue lamps", "make it 2.5"],
        &[],
        &[("Blue lamp", 2)],
        "How many",
    ),
];
