"""What prompts say, apart from the evidence: roles, tasks, label lists, answer formats, harmful lines, padding.

Each constant holds patterns of one function. The mean number of wordings per function is in the thousands; the point is
that a model meets the function, never the phrase. Slots: `<labels>` the joined label list, `<thing>` a word for ticket,
`<label_word>` a word for label, `<key>` a JSON key.
"""
# ruff: noqa: E501 - a pattern is easier to read in one line

THING = ("ticket", "message", "request", "mail", "email", "case", "inquiry", "customer message", "text")
LABEL_WORD = ("label", "category", "intent", "class", "topic", "type", "tag", "name of the category")
KEYS = ("label", "category", "intent", "class", "topic", "type")

ROLE = (
    "You [are|act as|work as] [a|an experienced|a careful|the] [support|help desk|customer service|service desk] [agent|assistant|clerk|specialist|classifier|bot][| of an online shop| for a web store| at a small company].",
    "[You sort|You triage|Your job is to sort|Your task is to triage|You are here to sort|You handle] [customer|incoming|support|new] [<thing>s|mail|tickets].",
    "[As|In your role as] [a support agent|a help desk clerk|the first line of support] you [read|sort|route|handle] [<thing>s|tickets].",
    "[Support desk|Help desk|Customer care|Ticket triage|Front desk][ assistant| system| helper|].",
)
TASK = (
    "[Classify|Categorise|Categorize|Label|Sort|Tag] [the|this|each|the following|every|the customer's] <thing>[| below| by its intent| by topic| correctly].",
    "[Decide|Determine|Find out|Say|Tell us|Identify|Work out] [what|which <label_word>|which kind of problem] [the|this|each] <thing> [is about|belongs to|falls under].",
    "[Assign|Give|Choose|Select|Pick] [one|a single|the right|the best|the most fitting|exactly one] <label_word> [for|to] [the|each|this|every] <thing>.",
    "[What is|Find|Determine|Name] the [intent|<label_word>|subject] of [the|this] <thing>[?|.]",
    "[Read|Look at|Consider] the <thing> and [classify it|choose its <label_word>|find the <label_word>|decide where it belongs].",
    "[Each|Every|The] <thing> [must|should|has to|needs to] be [sorted|classified|labelled|filed|tagged][| correctly| by intent].",
)
LABEL_LIST = (
    "[Labels|Categories|Classes|Intents|The labels|Allowed labels|Possible labels|Valid labels|Available categories|The options|Options|Allowed values|Choices][:| are:| are| =] <labels>.",
    "[Use|Choose|Pick|Select] [one of|exactly one of|from|only from|among] [these|the following|the] [labels|categories|classes|options|values|tags][:|,] <labels>.",
    "[There are|We have|We use|The desk knows|You have] [these|the following|exactly these|only these] [labels|categories|classes|intents|options][:|,] <labels>.",
    "[The|Each|Every|A] <thing> [is|belongs to|falls into|is about|goes under] [one of|exactly one of|one out of]: <labels>.",
    "[The|Your] [answer|label|category|result|output] [must be|has to be|should be|is always|is] [one of|exactly one of|in|taken from][:|] <labels>.",
    "[Pick|Choose|Select|Take] the [best|right|most fitting|matching] [label|category|class] [out of|from|among] <labels>.",
    "[Possible|Allowed|Valid|Known] [answers|outputs|values|intents|types|topics][:| are:| are] <labels>.",
    "[Decide|Choose] between <labels>.",
)
LABEL_ONLY = (
    "[Answer|Reply|Respond|Return|Output] [only with|with only|with just|just with|with nothing but|solely with|exclusively with] [the|one|a single|its|the exact|the matching] <label_word>[.| and nothing else.| and no other text.|, no punctuation.|, nothing more.]",
    "[Give|Write|Return|Output|Print|Send|State|Produce] [only|just|nothing but|solely|no more than] [the|one|its|the chosen|the plain] <label_word>[.|, without explanation.|, no explanation.|, no other words.| and stop.|, nothing else.]",
    "[Your|The] [answer|reply|response|output|whole answer] [must|should|has to|may] [be|contain|consist of] [only|just|exactly|nothing but|no more than] [the|one] <label_word>[.|, nothing more.|, no explanation.| and nothing else.]",
    "[No|Do not give any|Do not add|Leave out|Avoid|Never add] [explanation|explanations|comments|extra words|other text|further words]: [just|only|simply] [the|one|its] <label_word>.",
    "[One|A single|Exactly one] [word|<label_word>] [only|is enough|as the answer|and nothing else], [no explanation|nothing more|no extra text|no sentence|without comment].",
    "[Keep|Make] [your answer|the answer|the reply|it] [to|down to|no longer than] [the|one] <label_word>[| alone| itself].",
    "[The <label_word>|Its <label_word>|The bare <label_word>|One <label_word>] [alone|by itself|only|and nothing else] [is the answer|is what we need|should be returned|suffices|is enough].",
    "[Answer|Reply|Respond] in [one word|exactly one word|a single word|one <label_word> only]: the <label_word>.",
    "[Do not|Don't|Never] [explain|comment|justify|write sentences|say anything else][, just|; only|. Just|, simply] [give|return|write|name|output] the <label_word>.",
    "[We|The program|Our system|The script|A parser] [needs|reads|accepts|expects|wants] [only|just|nothing but|exactly] [the|one] <label_word>[| as the answer| in your reply].",
)
JSON_LABEL = (
    '[Answer|Reply|Respond|Return|Output] [as|with|in] [JSON|a JSON object|valid JSON] [with|using|having|containing] the [key|field|property] "<key>".',
    '[Return|Output|Write|Give|Use] [JSON|this format|this shape|an object][:| like this:| such as:] {"<key>": "[...|<label_word>|name]"}.',
    '[Format|Output format|Answer format|Schema|Shape of the answer]: {"<key>": "..."}[| and nothing else].',
    '[The|Your] [answer|output|reply] [is|must be|should be] [a JSON object|JSON|valid JSON] with [one key|the field|a single field], "<key>".',
)
PREFIXED = (
    '[Start|Begin] [your answer|the reply|the answer|your reply] with "<prefix>:" [and|followed by] [the|its] <label_word>.',
    '[Answer|Reply|Respond|Output] [in the form|like this|as|in this format][:|] "<prefix>: [...|name|<label_word>]".',
    '[Write|Put|Use] "<prefix>:" [before|in front of|ahead of] the <label_word>.',
    "[Format|Output format|Answer format]: <prefix>: [...|<label_word>|name][.|]",
)
SENTENCE = (
    "[Answer|Reply|Respond] [in|with] [a|one|one short|a short|a full|a complete] sentence[| that names the <label_word>| with the <label_word>| only].",
    "[Write|Give|Say|State] [it as|the <label_word> in|the answer as|the result in] [a|one|one full|a complete|one short] sentence.",
    "[Use|Write|Form] [a full|one full|a complete|a short] sentence [to say|that says|to tell] which <label_word> [fits|it is|applies].",
)
# Harmful lines. Each kind leads to an answer that is no longer a bare label, even beside a format line.
EXPLAIN = (
    "[Explain|Justify|Motivate|Give reasons for|Comment on] your [choice|answer|decision|reasoning|thinking][.| in detail.| at length.| step by step.| for the reader.| briefly.]",
    "[Think|Reason|Work] [step by step|aloud|out loud|through the problem][| before you answer| first| and show your steps| and write your thoughts].",
    "[Always|Please|Also] [add|give|include|write] [an explanation|a reason|your reasoning|a justification|the reasons|a short explanation].",
    "[Describe|Say|Tell us|Write down|Show] [how|why] you [decided|came to it|chose it|arrived at the answer].",
    "[Say|Explain|Tell us|Write] why[| you think so| this is right| the <label_word> fits].",
)
FRIENDLY = (
    "[Be|Stay|Always be] [friendly|polite|warm|helpful|kind|empathetic] [and|,] [thank|greet|reassure|comfort] the customer[| first| by name| in your answer].",
    "[Write|Draft|Compose|Send] [a friendly|a polite|a warm|a helpful|a kind] [reply|answer|letter|message] to the customer[| as well| too|, please].",
    "[Thank|Greet|Reassure|Address|Comfort|Apologise to] the customer[| first| warmly| politely| in your answer| before anything else].",
    "[Answer|Help|Reply to] the customer [directly|in a friendly way|with empathy|politely|as a person would].",
    "[Sound|Be] [human|personal|conversational|chatty|like a friend][| and caring| and show that you care|, customers like that].",
)
SEVERAL = (
    "[Name|List|Give|Mention|Write] [all|two|several|every|the two best] <label_word>s that [might|could|may] [fit|apply|be right|match].",
    "[Also|Please also|In addition] [name|list|mention|give] [a second|the second best|an alternative|another possible] <label_word>.",
    "If [unsure|in doubt|it is unclear], [list|name|give] [both|all|several|two] <label_word>s.",
)
CONFIDENCE = (
    "[Add|Give|Include|State|Mention|Append] [your|a|the] [confidence|certainty|probability|score][| in percent| as a number| with the answer].",
    "[Say|Tell us|Write] how [sure|certain|confident] you are.",
)
SUMMARY = (
    "[Summarise|Summarize|Repeat|Restate|Sum up|Recap] the [<thing>|problem|issue|request] [first|in your own words|before you answer|at the start|in one sentence].",
    "[Begin|Start|Open] with [a summary|a short summary|a recap|a description] of the [<thing>|problem|issue].",
)
HARMFUL = {"explain": EXPLAIN, "friendly": FRIENDLY, "several": SEVERAL, "confidence": CONFIDENCE, "summary": SUMMARY}

# Lines without a bearing on the answer, as real prompts have them.
PADDING = (
    "[We|Our shop|The company|The firm] [sells|makes|ships|repairs] [kitchen machines|electronics|furniture|clothes|garden tools|books|office goods][| since 1998| in six countries| online].",
    "[The|Our] [desk|team|office] is [open|staffed|busy] [from nine to five|on weekdays|day and night|in the morning].",
    "[<thing>s|Texts|Customers] [may|can|might] [contain typos|be short|be written in a hurry|be long|be angry].",
    "[Read|Look at] the [whole|entire|full] <thing>[| with care| before you decide| first].",
    "[Be|Stay] [accurate|careful|precise|consistent|fair|quick].",
    "[This|It] is [important|urgent|for the monthly report|part of a workflow|used by the night shift].",
    "[Take|Mind] [your time|the details|the wording|every word].",
    "[Quality|Accuracy|Speed|Care] [matters|counts|comes first|is key][| to us| here|].",
    "[Ignore|Overlook|Do not mind] [greetings|signatures|names|order numbers|typos|the tone].",
)
CHATTY_TONE = (  # lines that make a model without a format line talk
    "[You are|Be] a [friendly|cheerful|talkative|helpful] [assistant|colleague|helper|bot][| who likes people| for our customers|].",
    "[Help|Assist|Support] [the customer|our users|people] [as well as you can|in any way|with their problem|kindly].",
)
EVIDENCE_HEADING = {
    "rules": (
        "[Rules|Guidelines|House rules|Conventions|Our conventions|Notes|Important|Remember|Company rules|Hints|Instructions|Special cases|Edge cases|Watch out]",
        "[Follow|Apply|Use|Mind|Respect] [these|the following|our] [rules|conventions|guidelines|notes]",
        "[How we|This is how we|How to] [sort|file|label|decide|handle] [unclear|difficult|confusable|mixed|certain] [<thing>s|cases|ones]",
    ),
    "definitions": (
        "[Definitions|Label definitions|Category definitions|Descriptions|Labels|Categories|Classes|Meaning of the labels|Glossary|Label guide|Overview|Scope]",
        "[Labels|Categories|Classes|Intents] and [what they cover|their meaning|what they mean|when to use them|their scope|definitions|typical content]",
        "[What|This is what] [each|every] [label|category|class] [means|covers|is for|stands for|includes]",
        "[When to use|How to choose|Meaning of] [each|which|the|every] [label|category|class]",
    ),
    "words": (
        "[Typical|Common|Frequent|Characteristic|Key|Telling|Distinctive] [words|terms|phrases|expressions|keywords|wording][| per label| by category| for each label| of each class]",
        "[Words|Terms|Keywords|Phrases|Signals|Cues|Hints] [that point to|for|typical of|seen in] [each|every] [label|category|class]",
        "[Labels|Categories|Classes] [with|and] [typical|common|frequent|their] [words|terms|keywords|phrases]",
    ),
    "examples": (
        "[Examples|Some examples|A few examples|Sample <thing>s|Solved examples|Past <thing>s|Earlier cases|Reference cases|Worked examples|Demonstrations]",
        "[Here are|These are|See|Consider|Learn from|Study] [some|a few|the following|several|these] [examples|solved cases|labelled <thing>s|samples|earlier decisions]",
        "[This is how|How] [we|colleagues|earlier agents] [labelled|sorted|classified|decided] [other|earlier|similar] [<thing>s|cases]",
    ),
}
