"""Words of which names of people and institutions are made, and which tell of nobody when they stand alone."""

from typing import Final

PARTICLES = frozenset(
    "van von der den de la le du da di dos das del della el al bin binti ibn abu ter ten zu af".split()
)

TITLES = frozenset("dr prof professor mr mrs ms mx sir dame lord phd md jr sr hon emeritus".split())

MONTHS = frozenset("january march april may june july august october december".split())

# Names that are words: alone, each counts only where it stands as a name does.
COMMON: Final = MONTHS | frozenset(
    "a ai an art as bacon baker ban bank banks bay bean bell best bill bird bishop black blue bond born bowman brand bright "
    "brook brooks brown bun bush butler can case chance church clay cook cross dale dawn day dean do drake "
    "east faith fan field fields fisher fish fleet ford fox frank free freedom gale gang gates gay glass go gold good grace "
    "grant gray green grey ha hall hand hardy he heath hill hook hope hunt hunter hunters in jack joy judge keen kent "
    "key king knight lake lane law le leader little long lord love low major man mark marks marsh mason mercy "
    "mills miles miller money moon more moss new no noble north on pan paris park parks pat peace pen penny pierce "
    "pilot place pole poor pope pound power powers pray price pride prince ray reading rice rich ring rob rock rose ruby "
    "rush sage sailor sale sand savage school sea sharp she short silver singer skip small smart so son song south sparks "
    "speed spring stark steel stern stone storm street strong sue summers sun sweet swift temple than the ten "
    "to tower town trade true turner underwood victor violet walker wall ward warm water waters wells west wheeler "
    "white wild will win winter winters wise wolf wood woods word worth wright you young".split()
)

# Which stand first where the names of their bearers are written in their own order.
FAMILY_FIRST: Final = frozenset(
    "bai ban bui cai cao chan chang chen cheng cheung chew chia chiang cho choi chong chow chua chung dang dao ding dinh do "
    "duong fan fang feng fong fu gao goh gu guo ha han hao he ho hong hsieh hsu hu huang huynh hwang ito jang jeon jeong ji jia "
    "jiang jin jung kang kato ke kim kobayashi ko kwok kwon lai lam lau le lee leong leung li liang liao lim lin ling liu lo "
    "loh long lu luo luong luu ly ma mai mao min mok moon nakamura ng ngo nguyen noh oh ong ouyang pan park peng pham phan qi "
    "qian qiu quan rhee roh ryu saito sasaki sato seo shen shi shin sim sin sit so sohn song su suh sun suzuki takahashi tan "
    "tanaka tang tao tay teo tian ting to tran trinh truong tsai tseng tung vo vu wan wang watanabe wei wen woo wong wu xi "
    "xia xiao xie xu xue yamada yamamoto yan yang yao ye yeo yi yin yip yoon yoshida yu yuan yun zeng zhang zhao zheng zhong "
    "zhou zhu zou".split()
)

GENERIC: Final = frozenset(
    "a academic academy advanced affairs africa american analysis and applied art arts asia asian association at australian "
    "banking board bureau business center centre centro chair college commerce commission committee communication "
    "communications company consulting corporation council country d data de defence defense department der development di "
    "digital division du east economic economics economy education energy engineering environment environmental faculty "
    "federal finance financial for foreign forum foundation fund general global governance government graduate group growth "
    "health higher history house humanities in industrial industry initiative innovation institut institute institution "
    "institutions international investment journalism l la laboratory labour law le limited lse ltd management media medicine "
    "ministry nation national network north northern of office organisation organization pacific peace peoples philosophy "
    "planning policy political politics program programme project public regional relations republic research resources "
    "royal school science sciences security service services social societies society sociology south southeast southern "
    "state states strategic strategy studies study technology the think tank trade union united universidad universitas "
    "universite university visiting west western world".split()
)

INSTITUTIONS: Final = frozenset(
    "academy bank bureau center centre college council department faculty foundation institut institute institution "
    "laboratory ministry office school universidad universitas universite university".split()
)

# Also the name of many an institution; alone they say where, not who.
PLACES: Final = frozenset(
    "adelaide america asia auckland australia bali bandung bangkok bangladesh beijing berlin bhutan boston brisbane britain "
    "brunei busan california cambodia cambridge canada canberra chicago china chinese colombo columbia dacca darwin delhi "
    "dhaka dili edinburgh england europe fiji france fudan geneva georgia germany glasgow guangzhou hanoi hawaii hong honolulu "
    "india indian indonesia indonesian islamabad jakarta japan japanese kathmandu kong korea korean kuala kyoto lanka laos "
    "london lumpur macau malaya malaysia manila massachusetts melbourne michigan mongolia mumbai myanmar nanjing nepal "
    "netherlands new york zealand osaka oxford pakistan papua paris perth philippines princeton queensland russia san diego "
    "seoul shanghai singapore sri stanford sydney taipei taiwan tasmania thailand timor tokyo toronto vienna viet vietnam "
    "vietnamese wales warwick washington wellington yale yangon".split()
)

PUBLIC_HOSTS: Final = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.co.jp yahoo.co.uk icloud.com me.com "
    "mac.com aol.com gmx.de gmx.net gmx.com web.de mail.com mail.ru yandex.ru yandex.com proton.me protonmail.com qq.com "
    "163.com 126.com sina.com naver.com hanmail.net daum.net fastmail.com zoho.com bigpond.com orcid.org linkedin.com "
    "twitter.com x.com facebook.com instagram.com youtube.com medium.com substack.com wordpress.com blogspot.com github.com "
    "github.io google.com scholar.google.com sites.google.com researchgate.net academia.edu ssrn.com doi.org bsky.app "
    "mastodon.social t.me wixsite.com".split()
)

# Which stand in capitals within a sentence without being anybody's name.
NEVER_ALONE = frozenset("a an as east he in new no north on she so south the to trade west you school".split())
