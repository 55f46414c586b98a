"""What the tickets are about: 7 intents and 40 topics, as data.

A topic with one intent is clear. A topic with two is a matter of convention: companies file it under either, and only
a prompt can tell which (the first named is what a model without further help should believe in 60 of 100 cases).
`cores` are patterns of the sentence that states the problem, `gists` of the noun phrase by which definitions name it.
Tickets and definitions share words on purpose: both halves of the wordings (see `speech`) use the same words.
"""
# ruff: noqa: E501 - a pattern is easier to read in one line

from typing import NamedTuple

PRIOR = 0.6  # belief in the first-named intent of an ambiguous topic when the prompt says nothing


class Topic(NamedTuple):
    """One kind of problem."""

    name: str
    intents: tuple[str, ...]  # one: clear; two: a matter of convention
    cores: tuple[str, ...]  # patterns of the sentence in a ticket, no final stop
    gists: tuple[str, ...]  # patterns of a noun phrase that names the topic


# Names that companies give to the intents. Which one is meant in a prompt, only its label list tells.
INTENT_NAMES: dict[str, tuple[str, ...]] = {
    "billing": ("billing", "payments", "invoices", "charges", "finance", "accounting"),
    "refund": ("refund", "returns", "reimbursement", "refunds", "money_back", "return_request"),
    "shipping": ("shipping", "delivery", "logistics", "parcel", "shipment", "transport"),
    "account": ("account", "login", "access", "profile", "identity", "account_access"),
    "technical": ("technical", "bug", "troubleshooting", "tech_support", "malfunction", "defect"),
    "cancellation": ("cancellation", "cancel", "termination", "churn", "leaving", "cancel_request"),
    "sales": ("sales", "presales", "inquiry", "product_info", "advice", "question"),
}
INTENTS = tuple(INTENT_NAMES)


def _t(name: str, intents: str, cores: list[str], gists: list[str]) -> Topic:
    return Topic(name, tuple(intents.split()), tuple(cores), tuple(gists))


CLEAR = (
    _t(
        "double_charge",
        "billing",
        [
            "[I was|we were|my card was|my account was] [charged|billed|debited] [twice|two times|double] for [the same order|one order|a single purchase|the <item>]",
            "[you took|there is|I see] [a duplicate|a double|the same] [charge|payment|debit] [on my card|on my statement|for one order]",
        ],
        [
            "[duplicate|double|repeated] [charges|payments|debits]",
            "being [charged|billed|debited] [twice|two times|double]",
            "[one order|one purchase|an item] [charged|billed|debited] [twice|two times|double]",
        ],
    ),
    _t(
        "invoice_copy",
        "billing",
        [
            "[I need|please send me|could I get|we are missing] [a copy of the|the|a corrected|a new] [invoice|bill|receipt] for [my order|the <item>|last month|our accountant]",
            "[the invoice|the bill|my receipt] [shows|has|lists] [the wrong company|the wrong tax number|no VAT number|an old name]",
        ],
        [
            "[copies of|missing|corrected|new] [invoices|bills|receipts]",
            "[an invoice|a bill|a receipt] with [a wrong name|a wrong tax number|no VAT number]",
        ],
    ),
    _t(
        "unknown_fee",
        "billing",
        [
            "[there is|I found|what is] [a strange|an unexpected|an extra|an unknown] [fee|amount|surcharge] on my [bill|statement|last invoice]",
            "my [bill|monthly invoice|statement] is [higher|more expensive] than [agreed|usual|last month|it should be]",
        ],
        [
            "[unexpected|unknown|extra|strange] [fees|amounts|surcharges]",
            "a [bill|statement] that is [higher|more expensive] than [agreed|usual]",
        ],
    ),
    _t(
        "send_back",
        "refund",
        [
            "[I want|I would like|we wish|how do I get] to [return|send back|give back] [the <item>|my <item>|this purchase] [because it does not fit|as I do not like it|since I changed my mind|within the return period]",
            "[the <item>|my purchase] [does not fit|is not what I expected|does not suit me], [can I|how do I|may I] [return it|send it back|give it back]",
        ],
        [
            "[returning|sending back|giving back] [an unwanted item|a purchase|something that does not fit]",
            "[unwanted|unsuitable] [items|purchases] going back",
        ],
    ),
    _t(
        "return_label",
        "refund",
        [
            "[I need|please send|where can I find|how do I print] [a|the] [return label|return slip|return form] for [the <item>|my order|the item]",
            "[the return label|the return slip] [was not in the box|is missing|cannot be printed|has expired]",
        ],
        [
            "[return labels|return slips|return forms]",
            "a [return label|return slip|return form] that [is missing|has expired|cannot be printed]",
        ],
    ),
    _t(
        "money_back",
        "refund",
        [
            "[I want|I demand|please give me|I would like] [my money back|a full refund|a reimbursement] for [the <item>|my purchase|this order]",
            "[can I|could we|when can I] [get my money back|be reimbursed|be refunded] for [the <item>|the purchase|this order]",
        ],
        [
            "[asking for|wanting|demanding] [money back|a full refund|a reimbursement]",
            "[requests|wishes] for [a refund|money back|reimbursement]",
            "[customers|people|buyers] who [want|demand|ask for] [their money|a full refund|reimbursement|their money back]",
        ],
    ),
    _t(
        "parcel_late",
        "shipping",
        [
            "[my parcel|my package|the <item>|my delivery] [is late|is delayed|has not come yet|is overdue] [by a week|for days|again|and I am waiting]",
            "[I am still waiting|we have been waiting a week|how long must I wait] for [my parcel|the package|the <item>|the delivery] to [come|arrive|be delivered]",
        ],
        [
            "[late|delayed|overdue] [parcels|packages|deliveries]",
            "[a parcel|a package|a delivery] that [has not come|is late|is overdue]",
        ],
    ),
    _t(
        "parcel_lost",
        "shipping",
        [
            "[the courier|the driver|the carrier] [lost|misplaced|cannot find] [my parcel|my package|the <item>]",
            "[my parcel|the package|my <item>] [got lost|disappeared|vanished] [on the way|in transit|at the depot]",
        ],
        [
            "[lost|vanished|misplaced] [parcels|packages]",
            "[a parcel|a package] [lost by the courier|that disappeared in transit|that vanished on the way]",
            "[couriers|drivers|carriers] who [lost|misplaced|cannot find] [a parcel|a package|an item]",
        ],
    ),
    _t(
        "dispatch_date",
        "shipping",
        [
            "[when|on which day] will [you ship|you dispatch|you post|the courier bring] [my order|the <item>|my things]",
            "[has|was] [my order|the <item>] [already|by now|really] [been shipped|been dispatched|left the warehouse]",
        ],
        [
            "[dispatch|shipping|delivery] [dates|times]",
            "when [an order|something] [is shipped|is dispatched|leaves the warehouse]",
            "[asking|questions] [when|on which day|whether] [an order|a purchase|it] [ships|is posted|has left the warehouse]",
        ],
    ),
    _t(
        "password",
        "account",
        [
            "[I forgot|I lost|I cannot remember|I need to reset] my [password|passcode|PIN] [again|for the site|and need a new one|and am stuck]",
            "[the password reset|the reset link|the new password] [does not come|never arrives|is rejected|expired]",
        ],
        [
            "[forgotten|lost] [passwords|passcodes|PINs]",
            "[password resets|reset links|new passwords]",
            "[resetting|remembering|replacing] [a password|a passcode|a PIN]",
        ],
    ),
    _t(
        "change_email",
        "account",
        [
            "[I want|I need|how do I manage|please help me] to [change|update|correct] [my email|my phone number|my user name|my surname] [in my profile|on file|in the settings|for my user]",
            "[my profile|my user page] [still shows|has|lists] [my old email|my old phone number|my maiden name]",
        ],
        [
            "[changing|updating|correcting] [an email|a phone number|a user name|profile details]",
            "[old|wrong] [email addresses|phone numbers|user names] in a profile",
        ],
    ),
    _t(
        "hacked",
        "account",
        [
            "[somebody|a stranger|someone] [hacked|broke into|took over|is using] my [account|profile|user]",
            "[I see|there are|I was told of] [strange|unknown|suspicious] [logins|sign-ins|devices] [on my account|in my profile|from another country]",
        ],
        [
            "[hacked|stolen|compromised] [accounts|profiles|users]",
            "[suspicious|unknown|strange] [logins|sign-ins|devices]",
        ],
    ),
    _t(
        "app_crash",
        "technical",
        [
            "the [app|program|software] [crashes|freezes|hangs|closes itself] [when I open it|after the update|all the time|every few minutes]",
            "[since the update|for days|again] the [app|program|screen] [is frozen|stays black|shows an error|stops responding]",
        ],
        [
            "[crashes|freezes] of the [app|program|software]",
            "[an app|a program|a screen] that [crashes|freezes|stays black|hangs]",
            "[a frozen|a black|an unresponsive] [screen|app|program]",
        ],
    ),
    _t(
        "sync",
        "technical",
        [
            "[my files|my photos|my contacts|the data] [do not|will not|no longer] [sync|synchronise|upload] [between my devices|to the cloud|with the phone]",
            "[the sync|synchronisation|the upload] [fails|stops|gets stuck] [at half|every time|with an error code]",
        ],
        [
            "[sync|synchronisation|upload] [failures|problems|errors]",
            "[files|photos|contacts|data] that do not [sync|upload|synchronise]",
        ],
    ),
    _t(
        "wifi",
        "technical",
        [
            "[the <item>|my device|the printer] [does not connect|loses its connection|cannot connect] to [the wifi|the network|bluetooth]",
            "[wifi|bluetooth|the network] [drops|disconnects|is very slow] [on the <item>|on my device|every hour]",
        ],
        [
            "[wifi|bluetooth|network] [problems|trouble|drops]",
            "[a device|a printer|something] that [does not connect|loses its connection]",
        ],
    ),
    _t(
        "end_subscription",
        "cancellation",
        [
            "[I want|I wish|please help me|I would like] to [cancel|end|terminate|stop] my [subscription|contract|membership] [at the end of the month|now|as soon as possible|for good]",
            "[please|kindly|you may] [end|terminate|do not renew|stop] my [subscription|contract|membership] [today|this month|from next month]",
        ],
        [
            "[ending|terminating|stopping] a [subscription|contract|membership]",
            "[subscriptions|contracts|memberships] to be [ended|terminated|stopped]",
        ],
    ),
    _t(
        "notice_period",
        "cancellation",
        [
            "[what is|how long is|please tell me] the [notice period|minimum term|notice] [of my contract|for leaving|if I want to quit]",
            "[how|when|until when] can I [quit|leave|give notice|get out of the contract]",
        ],
        [
            "[notice periods|minimum terms]",
            "[how|when] to [quit|leave|give notice]",
            "[quitting|leaving|getting out of] a contract [in time|with notice|and its minimum term]",
        ],
    ),
    _t(
        "stop_newsletter",
        "cancellation",
        [
            "[stop|please stop|I no longer want] [sending me|mailing me|getting] [newsletters|adverts|marketing mails]",
            "[unsubscribe me|remove me|take me off] from [the newsletter|the mailing list|all adverts]",
        ],
        [
            "[newsletters|mailing lists|adverts] to be [stopped|unsubscribed|ended]",
            "[unsubscribing|removal] from [newsletters|mailing lists|adverts]",
        ],
    ),
    _t(
        "features",
        "sales",
        [
            "[does|will] the <item> [have|come with|support] [a timer|two batteries|a long cable|a warranty|a case]",
            "[what is|can you tell me|I would like to know] the [size|weight|colour|difference] of [the <item>|the new model|both models] [before I buy|before ordering|for my kitchen]",
        ],
        [
            "[features|sizes|weights|colours] of [products|models|items]",
            "[questions|advice] [before buying|before ordering|about a model]",
        ],
    ),
    _t(
        "stock",
        "sales",
        [
            "[is|when will] the <item> [in stock|available|be back in the shop] [again|in blue|in a larger size|next month]",
            "[do you|will you|does your shop] [still sell|stock|have] the [<item>|new <item>|old model] [in other colours|at the moment|this year]",
        ],
        [
            "[stock|availability] of [products|models|items]",
            "whether [a product|a model|an item] is [available|in stock|still sold]",
        ],
    ),
    _t(
        "bulk_price",
        "sales",
        [
            "[we would like|our company wants|our school needs] [a quote|an offer|a better price] for [thirty|fifty|a hundred] [<item>s|units|licences]",
            "[is there|do you give|can we have] a [discount|lower price|special offer] [for large orders|for schools|for companies|for fifty pieces]",
        ],
        [
            "[quotes|offers|discounts] for [large orders|companies|schools|many units]",
            "[bulk|large] [orders|quotes|offers]",
        ],
    ),
)

AMBIGUOUS = (
    _t(
        "refund_missing",
        "refund billing",
        [
            "[my refund|the refund|the repayment|my credit] [has not arrived|is still missing|never showed up|is not on my card yet] [after ten days|since last month|so far|although you promised it]",
            "[I sent the <item> back|I returned the <item>|you accepted my return] [weeks ago|last month|long ago] but [no refund has arrived|the refund is missing|I was not credited]",
        ],
        [
            "[refunds|repayments|credits] that [have not arrived|are still missing|never showed up]",
            "[a missing|an outstanding|a late] [refund|repayment|credit]",
        ],
    ),
    _t(
        "arrived_broken",
        "shipping refund",
        [
            "[the <item>|my order|the item] [arrived|was delivered|came] [broken|damaged|smashed|in pieces] [today|this morning|yesterday|in a crushed box]",
            "[I opened the box|I unpacked the parcel] and [the <item>|everything inside] was [broken|damaged|smashed|scratched]",
        ],
        [
            "[items|goods|orders] that [arrived|were delivered|came] [broken|damaged|smashed]",
            "[broken|damaged|smashed] [goods|contents] in a [box|parcel]",
        ],
    ),
    _t(
        "wrong_item",
        "refund shipping",
        [
            "[I received|you sent me|the box contained|I got] [the wrong|a different|somebody else's] [<item>|colour|size|article]",
            "[instead of|I ordered] the <item> [you sent|I got|the parcel held] [something else|another article|a different model]",
        ],
        [
            "[wrong|different|mixed-up] [articles|sizes|colours|items] [received|sent|in the box]",
            "[getting|receiving] [something else|another article|the wrong article]",
        ],
    ),
    _t(
        "locked_unpaid",
        "account billing",
        [
            "[my account|my profile|my user] [is|was|has been] [locked|blocked|suspended|disabled] [after a failed payment|because of an unpaid bill|over an open invoice]",
            "[because of|after] [a failed payment|an unpaid bill|an open invoice] [I am locked out|I was blocked|you suspended me]",
        ],
        [
            "[locked|blocked|suspended] [accounts|users|profiles] after [a failed payment|an unpaid bill|an open invoice]",
            "being [locked out|blocked|suspended] over [unpaid bills|open invoices|failed payments]",
        ],
    ),
    _t(
        "login_error",
        "technical account",
        [
            "[the login page|the sign-in screen|the login form] [shows an error|stays blank|keeps loading|throws me out] [since yesterday|in every browser|each time|after I type my name]",
            "[I get|there is] [error 500|a blank page|an endless loop] [when I log in|when signing in|at the login]",
        ],
        [
            "[errors|blank pages|loops] [at the login|when signing in|on the sign-in screen]",
            "a [login page|sign-in screen|login form] that [shows an error|stays blank|keeps loading]",
            "[trouble|a fault|an error] [with the login page|on the login form|with signing in]",
        ],
    ),
    _t(
        "charged_after_cancel",
        "billing cancellation",
        [
            "[I cancelled|I ended my plan|I terminated] [in May|weeks ago|last month] [but|and yet|still] [you keep charging me|I was charged again|money was taken]",
            "[why am I|I am] still [charged|billed|paying] [although I cancelled|after cancelling|for a plan that has ended]",
        ],
        [
            "[charges|debits|payments] after [cancelling|a plan has ended|a cancelled plan]",
            "being [charged|billed] [although cancelled|after cancelling|for an ended plan]",
            "[money taken|still paying|further debits] [after cancelling|although the plan has ended|after termination]",
        ],
    ),
    _t(
        "shipping_cost",
        "sales shipping",
        [
            "[how much is|what does it cost to get|what is the price of] [shipping|delivery|postage] [to Norway|to an island|abroad|for the <item>]",
            "[do you ship|do you deliver|can you send orders] [abroad|to Norway|to islands] and [at what price|what does it cost|how much is it]",
        ],
        [
            "[prices|costs] of [shipping|delivery|postage]",
            "what [shipping|delivery|postage] [abroad|to islands|to other countries] [costs|is priced at]",
        ],
    ),
    _t(
        "switch_plan",
        "sales account",
        [
            "[I want|we would like|how do I manage] to [switch|upgrade|downgrade|move] to [the bigger|the smaller|the premium|the family|the basic] [plan|package|tier]",
            "[please|can you] [switch|upgrade|move|downgrade] [us|me] to [the premium|the basic|the family] [plan|package|tier]",
        ],
        [
            "[switching|upgrading|downgrading|moving] to another [plan|package|tier]",
            "[upgrades|downgrades|moves] between [plans|packages|tiers]",
            "[wishes|requests] [to move|to switch|for a switch] to [the premium|the basic|a bigger|a smaller] [plan|tier]",
        ],
    ),
    _t(
        "checkout_error",
        "technical billing",
        [
            "[the checkout|the payment page|the checkout button] [fails|shows an error|does nothing|stops] [when I pay|at the last step|after I enter my card]",
            "[I cannot|it is impossible to|we cannot] [pay|complete the payment|check out] [as the page hangs|because the button is dead|since the checkout fails]",
        ],
        [
            "[errors|failures] [at the checkout|on the payment page|at the last step of paying]",
            "a [checkout|payment page] that [fails|hangs|does nothing]",
        ],
    ),
    _t(
        "stop_order",
        "cancellation shipping",
        [
            "[please|can you still|I need you to] [stop|cancel|withdraw|hold] [my order|the order of the <item>|yesterday's order] [before it ships|before it leaves the warehouse|before dispatch]",
            "[I ordered|I bought] [by mistake|too many|the wrong amount], [please|can you] [stop the order|do not ship it|withdraw the order]",
        ],
        [
            "[orders|purchases] to be [stopped|withdrawn|held] before [dispatch|they ship|they leave the warehouse]",
            "[stopping|withdrawing|holding] an order [before dispatch|before it ships]",
        ],
    ),
    _t(
        "cancel_and_repay",
        "cancellation refund",
        [
            "[I cancelled early|I quit early|I left the contract early] and [want|expect|would like] [the unused months|the rest of the year|the remaining fee] [back|repaid|returned]",
            "[will you|do you|can you] [repay|return|give back] the [unused months|rest of the year|remaining fee] [if I quit early|after an early cancellation|when I leave early]",
        ],
        [
            "[unused months|remaining fees|the rest of the year] to be [repaid|returned|given back]",
            "[repaying|returning] [unused months|the remaining fee|the rest of the year] after [quitting early|leaving early|an early cancellation]",
        ],
    ),
    _t(
        "trial_end",
        "sales cancellation",
        [
            "my [free trial|trial month|test period] [ends soon|runs out|is over on Friday] [and I do not want to continue|so what happens next|and I am not sure about it]",
            "[what happens|do I have to act|must I do something] [when|once|after] the [free trial|trial month|test period] [ends|runs out|is over]",
        ],
        [
            "[free trials|trial months|test periods] that [end|run out|are over]",
            "the end of a [free trial|trial month|test period]",
            "what happens [when|once|after] [a free trial|a trial month|a test period] [ends|runs out|is over]",
        ],
    ),
    _t(
        "delete_account",
        "account cancellation",
        [
            "[please|I want you to|I ask you to] [delete|erase|remove|wipe] [my account|my profile|all my data|my personal data] [for good|completely|from your systems]",
            "[how do I|how can I] [delete|erase|remove] [my account|my profile|my personal data] [permanently|for ever|under privacy law]",
        ],
        [
            "[deleting|erasing|removing|wiping] [accounts|profiles|personal data]",
            "[accounts|profiles|personal data] to be [deleted|erased|wiped]",
        ],
    ),
    _t(
        "defective_device",
        "technical refund",
        [
            "[the <item>|my new <item>|the device] [stopped working|does not turn on|died|is dead] [after two weeks|within the warranty|after a month of use]",
            "[after two weeks|after a month|within the warranty] [the <item>|the device|the motor] [broke down|gave up|stopped working|does not turn on]",
        ],
        [
            "[devices|items] that [stopped working|died|do not turn on] [within the warranty|after a few weeks]",
            "[warranty|dead device] [cases|claims]",
            "[dead|faulty] [devices|items] under warranty",
        ],
    ),
    _t(
        "change_address",
        "shipping account",
        [
            "[I moved|I am moving|we have a new flat], [please|can you] [change|update|correct] the [delivery address|street|shipping address]",
            "[the delivery address|the shipping address|my street] [is wrong|is outdated|has a typo] and [must be|needs to be|should be] [changed|updated|corrected]",
        ],
        [
            "[changing|updating|correcting] [a delivery address|a street|a shipping address]",
            "[new|wrong|outdated] [delivery addresses|streets|shipping addresses]",
        ],
    ),
    _t(
        "voucher",
        "sales billing",
        [
            "[my|the|this] [voucher|discount code|coupon|gift card] [is not accepted|does not work|is refused|was not deducted] [in the shop|at the till|on my order|for the <item>]",
            "[I cannot|it is impossible to|why can I not] [redeem|use|apply] [my|the] [voucher|discount code|coupon|gift card]",
        ],
        [
            "[vouchers|discount codes|coupons|gift cards] that [are not accepted|do not work|are refused]",
            "[redeeming|using|applying] [vouchers|discount codes|coupons|gift cards]",
        ],
    ),
    _t(
        "tracking_page",
        "technical shipping",
        [
            "[the tracking page|the tracking link|the tracking number] [does not load|is invalid|shows nothing|is dead] [since yesterday|for my order|on my phone]",
            "[I cannot|it is impossible to] [track|follow] [my parcel|my order] [because the link is dead|as the page does not load|since the number is invalid]",
        ],
        [
            "[tracking pages|tracking links|tracking numbers] that [do not load|are invalid|are dead]",
            "a [dead|broken|invalid] [tracking link|tracking page|tracking number]",
        ],
    ),
    _t(
        "card_on_file",
        "billing account",
        [
            "[I want|I need|how do I manage] to [replace|update|change] [the card|the bank details|the payment method] [on file|stored with you|you debit each month]",
            "[my bank sent me|I have|I got] a [new card|new bank account], [where do I enter it|how do I register it|please store it]",
        ],
        [
            "[replacing|updating|registering] [a stored card|bank details|a payment method]",
            "[new|stored] [cards|bank details|payment methods] [on file|to register]",
        ],
    ),
    _t(
        "install_help",
        "technical sales",
        [
            "[how do I|can you explain how to|I need help to] [install|set up|assemble|mount] [the <item>|the new <item>|my <item>] [at home|on the wall|without tools]",
            "[the manual|the guide|the leaflet] [is missing|is unclear|is in French], [how do I|how can I] [set up|install|assemble] [the <item>|it]",
        ],
        [
            "[installing|setting up|assembling|mounting] [a product|a device|an item]",
            "[missing|unclear] [manuals|guides|leaflets]",
            "[help|guidance|advice] with [installing|setting up|assembling|mounting] [something|a device|products]",
        ],
    ),
)

TOPICS: tuple[Topic, ...] = CLEAR + AMBIGUOUS
TOPIC_BY_NAME = {topic.name: topic for topic in TOPICS}

SLOTS: dict[str, tuple[str, ...]] = {
    "item": (
        "laptop",
        "kettle",
        "headset",
        "lamp",
        "blender",
        "toaster",
        "camera",
        "monitor",
        "keyboard",
        "speaker",
        "vacuum",
        "watch",
        "tablet",
        "router",
        "heater",
        "drill",
        "mixer",
        "scale",
        "fan",
        "radio",
    ),
    "when": (
        "last week",
        "on Monday",
        "two days ago",
        "yesterday",
        "in March",
        "this morning",
        "a month ago",
        "on Friday",
        "last night",
        "over the weekend",
    ),
    "name": ("Anna", "Ben", "Carla", "David", "Emma", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kim", "Lena"),
    "number": ("[1|2|3|4|5|6|7|8|9][0|1|2|3|4|5|6|7|8|9][0|1|2|3|4|5|6|7|8|9][0|1|2|3|4|5|6|7|8|9]",),
}
