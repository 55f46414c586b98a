"""What prompts say, apart from the evidence: roles, tasks, label lists, answer formats, harmful lines, padding.

Each constant holds patterns of one function. The mean number of wordings per function is in the thousands; the point is
that a model meets the function, never the phrase. Slots: `<labels>` the joined label list, `<thing>` a word for ticket,
`<label_word>` a word for label, `<key>` a JSON key.
"""
# ruff: noqa: E501 - a pattern is easier to read in one line

THING = (
    "ticket",
    "message",
    "request",
    "mail",
    "email",
    "case",
    "inquiry",
    "customer message",
    "text",
    "note",
    "letter",
    "question",
    "complaint",
)
LABEL_WORD = (
    "label",
    "label",
    "category",
    "category",
    "intent",
    "class",
    "topic",
    "type",
    "tag",
    "name of the category",
    "group",
    "heading",
    "section",
    "kind",
    "subject",
    "code",
    "field",
    "matching name",
    "category name",
)
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
    "[You get|You are given|You receive|You will see|Here comes|Below is] [a|one|the next] <thing>[| from a customer| of a shop| from our inbox]. [Say|Tell me|Tell us|Find|Name] [its <label_word>|the <label_word>|what it is about|where it belongs].",
    "[I|We] [need|want|would like] [to know|to see|you to say|you to find] [the <label_word>|what kind of <thing> this is|what each <thing> is about].",
    "[# Task|Task|Goal|Aim|Purpose|Job|What to do][:|] [classification|triage|sorting|labelling|intent detection|tagging] of [<thing>s|incoming <thing>s|customer <thing>s|support mail].",
    "[Work|Go] through the <thing> and [put it in|assign it to|match it with|connect it to] [the right|one|its] <label_word>.",
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
    "[Groups|Headings|Sections|Names|Codes|Values|Kinds|Types|Subjects|Tags|Known labels|Our categories|Label set|The groups][:| are:| =] <labels>.",
    "[We|I|Our tools] [know|sort by|work with|distinguish|use] [only |][these|the following|seven|several] [groups|kinds|sections|subjects|labels|headings][:|,] <labels>.",
    "[# Labels|## Categories|## Classes|# Options|## Allowed values|# Groups]\n<labels>",
    "[It|The <thing>] [can|may|will|must] [only |][be|belong to|concern|fall under] [one of|one out of|exactly one of][:|] <labels>.",
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
    "[Just|Only|Simply] [the|one|a single] <label_word>[, please|, thanks|, that is all|, no prose|, no story|].",
    "[I|We|They] [only|just|simply] [need|expect|require|ask for|care for] [the|one|its] <label_word>[| back| in return| from you][, no talk|, no extra words|, nothing around it|, not a sentence|].",
    "[Please|Kindly|Always] [respond|reply|answer|come back] [with|using] [nothing else than|no more than|nothing beyond|no word but|not more than] [the|one] <label_word>.",
    "[Skip|Omit|Drop|Spare us|Forget|Leave away] [greetings|explanations|reasons|any comment|small talk|all politeness] and [give|return|write|send|name] [only|just] the <label_word>.",
    "[Your reply|What you write|The output|Your text] [is|gets|will be] [parsed|read|processed|handled] by [a script|a program|a machine|code], so [write|give|return|send] [only|just|no more than|solely] the <label_word>.",
    "[Nothing|No text|No word|No output] [besides|except|other than|apart from|beyond] the <label_word>[| may appear| is allowed| is wanted| please].",
    "[# Output|Output|Output format|Answer format|Format|Answer|Response|Reply][:|\n] [the|one|a] <label_word>[, no text around it| only| alone|, no sentence|, without comment].",
    "One of the [labels|categories|names|values|options] [above|given|listed], [nothing else|verbatim|exactly as written|spelled as in the list|no more|without comment].",
    "[Copy|Repeat|Write|Print] the <label_word> [exactly as|just as|as] [listed|written above|in the list|given], [without|and add no] [anything else|comment|punctuation|quotes|further text].",
    "[Be|Stay|Keep it] [brief|short|terse|concise|to the point][:|;|,] [the|its|one] <label_word> [only|alone|and no more|is enough|will do].",
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

# Everyday words without a bearing on the answer, for remarks and stray words that no grammar foresees.
_EVERYDAY = """
    time year people way day man thing woman life child world school state family student group country problem hand
    part place week company night point home water room mother area money story fact month lot right study book eye job
    word business issue side kind head house friend father power hour game line end member law car city community name
    president team minute idea body information back parent face others level office door health person art war history
    party result change morning reason research girl guy moment air teacher force education foot boy age policy process
    music market sense nation plan college interest death experience effect use class control care field development
    role effort rate heart drug show leader light voice wife whole police mind church report action price need
    difference picture table river road paper space ground form event matter center couple site project base
    activity star industry industrial happy small large long short early young important few public bad same able
    good new first last great little own other old high different next big early late hard near far warm cold clear
    open simple common green blue red white black quick slow strong weak quiet loud round flat deep wide narrow
    say get make go know take see come think look want give find tell work seem feel try leave call keep begin
    help start show hear play run move live believe bring happen write provide sit stand lose pay meet include continue
    set learn lead understand watch follow stop create speak read allow add spend grow open walk win offer remember
    love consider appear buy wait serve die send expect build stay fall cut reach kill remain suggest raise pass sell
    require decide pull here there now then always never often sometimes usually maybe really very quite rather almost
    about above across after against along among around before behind below between beyond during inside into near
    under until upon within without because although while where whenever however therefore otherwise meanwhile
    garden window kitchen summer winter spring autumn bridge station train ship mountain forest island animal bird fish
    colour number letter page sentence word paragraph title chapter figure square circle corner center edge
    desk shop web site store counter shelf inbox shift colleague manager clerk visitor guest reader writer
"""
COMMON = tuple(_EVERYDAY.split())
