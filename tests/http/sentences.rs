//! What plain sentences come to: the table itself.

/// What was said, the last of it counting; the tools that it calls; the cart after it; and a part
/// of the answer.
pub(crate) type Row = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [(&'static str, u64)],
    &'static str,
);

/// Title, description, price, category, stock.
pub(crate) const GOODS: &[(&str, &str, &str, &str, u64)] = &[
    (
        "Trekking tent",
        "Two people, four seasons.",
        "4999.50",
        "outdoor",
        5,
    ),
    ("Pup tent", "Small and light.", "1999", "outdoor", 2),
    ("Family tent", "Room for six.", "8999", "outdoor", 1),
    (
        "Down jacket",
        "Warm, for trekking in winter.",
        "2999",
        "clothes",
        10,
    ),
    ("Wool socks", "Thick and soft.", "499", "clothes", 50),
    ("Blue lamp", "It shines.", "199.99", "lamps", 10),
    ("Reading lamp", "It shines where you read.", "899", "lamps", 4),
    ("Steel kettle", "Whistles.", "799", "kitchen", 0),
];

const SEARCH: &str = "searchProduct";
const LOOK: &str = "getProduct";
const VIEW: &str = "viewCart";
const ADD: &str = "addProductToCart";
const UPDATE: &str = "updateCartItem";
const REMOVE: &str = "removeCartItem";
const PLACE: &str = "placeOrder";
const ORDERS: &str = "myOrders";
const CANCEL: &str = "cancelOrder";

pub(crate) const SENTENCES: &[Row] = &[
    // Courtesy, and what it is.
    (&["hello"], &[], &[], "offline assistant"),
    (&["Hi there!"], &[], &[], "offline assistant"),
    (&["good morning"], &[], &[], "offline assistant"),
    (&["help"], &[], &[], "plain sentences"),
    (&["What can you do for me?"], &[], &[], "plain sentences"),
    (&["are you a robot"], &[], &[], "offline assistant"),
    (&["thanks!"], &[], &[], "welcome"),
    (&["yes"], &[], &[], "Nothing is being asked"),
    (&["???"], &[], &[], "did not understand"),
    // Finding, with limits on the price.
    (
        &["find tents"],
        &[SEARCH],
        &[],
        "Trekking tent, 4999.50 INR, 5 available",
    ),
    (&["do you have any lamps?"], &[SEARCH], &[], "Reading lamp"),
    (
        &["something warm for trekking under 3000"],
        &[SEARCH],
        &[],
        "Down jacket",
    ),
    (&["tents below ₹2,000"], &[SEARCH], &[], "I found Pup tent"),
    (
        &["tents between 1500 and 5,000 rupees"],
        &[SEARCH],
        &[],
        "Trekking tent",
    ),
    (
        &["show me lamps from 500 to 1000"],
        &[SEARCH],
        &[],
        "I found Reading lamp",
    ),
    (&["lamps up to rs. 500"], &[SEARCH], &[], "I found Blue lamp"),
    (&["tents over 5k"], &[SEARCH], &[], "I found Family tent"),
    (
        &["I need a tent for at most 2000 rupees"],
        &[SEARCH],
        &[],
        "I found Pup tent",
    ),
    (
        &["lamps for no more than 300"],
        &[SEARCH],
        &[],
        "I found Blue lamp",
    ),
    (&["what is there under 300?"], &[SEARCH], &[], "I found Blue lamp"),
    (&["hi, find me a kettle please"], &[SEARCH], &[], "sold out"),
    (&["find a zeppelin"], &[SEARCH], &[], "found nothing"),
    (
        &["cheapest tents"],
        &[SEARCH, SEARCH],
        &[],
        "cheapest that I found is Pup tent",
    ),
    (&["most expensive tent"], &[SEARCH], &[], "Family tent"),
    (
        &["what is the cheapest lamp"],
        &[SEARCH, SEARCH],
        &[],
        "Blue lamp",
    ),
    // Details.
    (
        &["tents between 1500 and 5000", "tell me more about the second one"],
        &[LOOK],
        &[],
        "costs",
    ),
    (
        &["find a blue lamp", "how much is it?"],
        &[LOOK],
        &[],
        "199.99 INR",
    ),
    (
        &["find a blue lamp", "more details please"],
        &[LOOK],
        &[],
        "costs 199.99 INR",
    ),
    (
        &["find tents", "is the third available?"],
        &[LOOK],
        &[],
        "available",
    ),
    (
        &["tell me about the reading lamp"],
        &[SEARCH, LOOK],
        &[],
        "It shines where you read.",
    ),
    (
        &["tell me about the second one"],
        &[],
        &[],
        "Which one do you mean",
    ),
    (
        &["find a blue lamp", "describe the fifth one"],
        &[],
        &[],
        "only one in the list",
    ),
    // Adding.
    (
        &["find a blue lamp", "put two in my cart"],
        &[ADD],
        &[("Blue lamp", 2)],
        "2 × Blue lamp",
    ),
    (
        &["tents under 2000", "add it to my cart"],
        &[ADD],
        &[("Pup tent", 1)],
        "1999.00 INR",
    ),
    (
        &["find wool socks", "add 3 of the first"],
        &[ADD],
        &[("Wool socks", 3)],
        "together",
    ),
    (
        &["lamps under 500", "I'll take a dozen"],
        &[ADD],
        &[],
        "10 are available",
    ),
    (
        &["lamps under 500", "buy a couple of them"],
        &[ADD],
        &[("Blue lamp", 2)],
        "In your cart",
    ),
    (
        &["find tents", "put the cheapest in my cart"],
        &[ADD],
        &[("Pup tent", 1)],
        "Pup tent",
    ),
    (
        &["add a reading lamp to my cart"],
        &[SEARCH, ADD],
        &[("Reading lamp", 1)],
        "899.00 INR",
    ),
    (
        &["buy 2 pup tents"],
        &[SEARCH, ADD],
        &[("Pup tent", 2)],
        "3998.00 INR",
    ),
    (
        &["buy 3 pup tents"],
        &[SEARCH, ADD],
        &[],
        "2 are available, 3 were asked for",
    ),
    (
        &["add the cheapest lamp to my cart"],
        &[SEARCH, SEARCH, ADD],
        &[("Blue lamp", 1)],
        "Blue lamp",
    ),
    (&["find a kettle", "add it"], &[ADD], &[], "0 are available"),
    (&["put two in my cart"], &[], &[], "Which one do you mean"),
    // Several things at once.
    (
        &["something warm for trekking under 3000 and put two in my cart"],
        &[SEARCH, ADD],
        &[("Down jacket", 2)],
        "5998.00 INR",
    ),
    (
        &["find a blue lamp, then add 2 of it and show my cart"],
        &[SEARCH, ADD, VIEW],
        &[("Blue lamp", 2)],
        "Together 399.98 INR",
    ),
    (
        &["find lamps", "add 2 of the first and 1 of the second"],
        &[ADD, ADD],
        &[("Blue lamp", 1), ("Reading lamp", 2)],
        "In your cart",
    ),
    (
        &["find lamps", "put the first and the second in my cart"],
        &[ADD, ADD],
        &[("Blue lamp", 1), ("Reading lamp", 1)],
        "In your cart",
    ),
    (
        &["find a pup tent. Add it. Add two blue lamps."],
        &[SEARCH, ADD, SEARCH, ADD],
        &[("Blue lamp", 2), ("Pup tent", 1)],
        "In your cart",
    ),
    // Changing and removing.
    (
        &["buy 2 blue lamps", "make it three"],
        &[VIEW, UPDATE],
        &[("Blue lamp", 3)],
        "3 × Blue lamp",
    ),
    (
        &["buy 2 blue lamps", "change the lamp to 5"],
        &[VIEW, UPDATE],
        &[("Blue lamp", 5)],
        "5 × Blue lamp",
    ),
    (
        &["buy 2 blue lamps", "one more please"],
        &[VIEW, UPDATE],
        &[("Blue lamp", 3)],
        "3 × Blue lamp",
    ),
    (
        &["buy 2 blue lamps", "one less"],
        &[VIEW, UPDATE],
        &[("Blue lamp", 1)],
        "1 × Blue lamp",
    ),
    (
        &["buy 2 blue lamps", "remove it"],
        &[VIEW, REMOVE],
        &[],
        "Your cart is empty.",
    ),
    (
        &[
            "buy 2 blue lamps",
            "buy a pup tent",
            "take the lamp out of my cart",
        ],
        &[VIEW, REMOVE],
        &[("Pup tent", 1)],
        "I took Blue lamp out",
    ),
    (
        &["buy 2 blue lamps", "buy a pup tent", "empty my cart"],
        &[VIEW, REMOVE, REMOVE],
        &[],
        "Your cart is empty.",
    ),
    (&["remove the tent"], &[VIEW], &[], "do not see that"),
    // The cart and the orders.
    (&["show my cart"], &[VIEW], &[], "Your cart is empty."),
    (
        &["buy a pup tent", "what's in my basket?"],
        &[VIEW],
        &[("Pup tent", 1)],
        "1 × Pup tent",
    ),
    (
        &["buy a pup tent", "place the order"],
        &[PLACE],
        &[("Pup tent", 1)],
        "Order 1 × Pup tent at 1999.00 INR",
    ),
    (
        &["buy a pup tent", "check out"],
        &[PLACE],
        &[("Pup tent", 1)],
        "for 1999.00 INR in all?",
    ),
    (
        &["buy a pup tent and order it"],
        &[SEARCH, ADD, PLACE],
        &[("Pup tent", 1)],
        "in all?",
    ),
    (&["place the order"], &[PLACE], &[], "the cart is empty"),
    (&["where is my order?"], &[ORDERS], &[], "not ordered anything"),
    (
        &["cancel my order"],
        &[ORDERS],
        &[],
        "no order that can be cancelled",
    ),
    (
        &["cancel order 0123456789abcdef01234567"],
        &[ORDERS, CANCEL],
        &[],
        "there is no such order",
    ),
    (&["how are my sales?"], &[], &[], "whoever sells"),
];
