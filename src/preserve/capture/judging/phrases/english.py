"""What pages say in English; how it is written and read stands in the package."""

TEXT: dict[str, tuple[str, ...]] = {
    "challenge": (
        "checking (?:your|if the site connection is secure).{0,30}(?:browser|secure)…",
        "verifying(?: that)? you are human…",
        # Beside a form it asks the same of who wants to send something.
        "(?:please )?(?:verify|confirm)(?: that)? you(?: are|'re) (?:a )?(?:human|not a (?:robot|bot)),? "
        "(?:by completing|(?:in order )?to (?:continue|access|proceed|view|enter|visit)|before).{0,80}",
        "enable javascript and cookies to continue",
        "please enable js and disable any ad blocker",
        "(?:please )?complete the (?:security check|captcha)(?: below)? to (?:access|continue|proceed).{0,80}",
        "(?:this process is automatic|your browser will redirect to your requested content shortly)",
        "ddos protection by…",
        "(?:please )?press (?:&|and) hold.{0,40}to (?:confirm|prove) you are…",
        "making sure you're not a bot",
        "we're verifying your browser",
        "why do i have to complete a captcha",
        "as you were browsing.{0,80}made us think you (?:were|might be) a bot…",
        "our systems have detected unusual (?:traffic|activity) from your…",
        "we(?:'ve| have) detected unusual (?:traffic|activity) from your…",
        "your browser will be checked…",
        "access to this page has been denied because we believe you are using automation tools…",
        "request unsuccessful",
        "incapsula incident id…",
    ),
    "geo": (
        "(?:this|the) (?:video|content|page|site|website|service|programme|program|material|stream|channel"
        "|article|account|web ?site)(?: .{1,50})? (?:is|isn't|is not|has been|was)(?: currently)? (?:n't |not "
        ")?(?:available|unavailable|accessible|blocked|restricted|withheld).{0,30} (?:in|from|for) (?:your|this)"
        " (?:current )?<country>.{0,60}",
        "(?:not available|unavailable|blocked) in your <country>",
        "(?:this|the) (?:video|content) (?:has not been made|isn't|is not) available in your <country>",
        "(?:the )?(?:uploader|owner) (?:of this website )?has (?:not made this video available in your|banned the"
        "|banned your) (?:<country>).{0,120}",
        "the owner of this website.{0,60}has banned the country or region your ip address is in.{0,60}",
        "unavailable (?:for|due to) legal reasons",
        "we recogni[sz]e you are attempting to access this website from a country…",
        "access to (?:this|the requested) (?:web ?site|site|page|resource|content|url).{0,30} (?:is|has "
        "been) (?:blocked|restricted|denied|prohibited) (?:by (?:the )?(?:decision|order|law|court|authority)|in "
        "accordance|under|pursuant|due to (?:a )?(?:court|legal|law)|in your|from your|in this).{0,120}",
        "access from your <country> (?:is|has been) (?:not allowed|denied|blocked|restricted|forbidden).{0,60}",
        "your <country> is not (?:allowed|permitted|supported).{0,40}",
        "(?:our|this) (?:site|website) (?:is|are) (?:currently )?(?:unavailable|not available|not accessible) "
        "in (?:most |some )?"
        "(?:european|eu|the eu|the european|your).{0,60}",
        "(?:this|our) (?:site|website|page|content) (?:cannot|can't|can not|may not) be (?:accessed|viewed"
        "|shown) (?:from|in) "
        "(?:your|this) <country>.{0,60}",
        "(?:we are|we're) (?:currently )?unable to (?:serve|provide).{0,60}(?:european|eu|gdpr|your country|your "
        "region).{0,60}",
    ),
    "too-many": (
        "you are being rate limited",
        "(?:you have (?:made|sent) )?too many requests.{0,60}",
        "(?:you have )?exceeded (?:the|your) (?:rate|request|download|bandwidth) (?:limit|quota).{0,40}",
        "(?:the )?rate limit (?:has been )?(?:exceeded|reached).{0,40}",
        "bandwidth limit exceeded",
    ),
    "age": (
        "are you (?:at least )?(?:over )?(?:18|21|16)(?: years(?: old| of age)?)?(?: or (?:older|over|above))?",
        "(?:please |you must )?(?:confirm|verify) (?:that )?(?:your age|you are (?:at least |over )?(?:18|21|of "
        "legal)).{0,60}",
        "you must be (?:at least |over )?(?:18|21)(?: years(?: old| of age)?)?(?: or (?:older|over))? to (?:enter"
        "|view|access|visit|continue|see|watch)(?: (?:this|the|our) (?:web ?site|site|page|content|video|store|shop"
        "|area|section|material).{0,40})?",
        "sign in to confirm your age",
        "this (?:video|content|website|site|page) (?:may be inappropriate for some users|is age[ -]restricted"
        "|contains age[ -]restricted).{0,80}",
    ),
    "members": (
        "this (?:video|article|content|post|page|story|episode|material) is (?:only )?(?:available |accessible "
        "|reserved )?(?:only )?(?:to|for) (?:our )?(?:paying |paid |premium |channel )?(?:subscribers|members"
        "|patrons|donors)(?: only)?.{0,40}",
        "(?:subscribe|become a (?:member|subscriber|patron)|join(?: this channel)?) to (?:continue reading|read "
        "(?:this|the full|more|on)|get access to|unlock|watch|view|access).{0,60}",
        "join this channel to get access to (?:members-only content|perks).{0,60}",
        "(?:members|subscribers)[ -]only(?: (?:content|video|article|post))?",
        "to (?:continue|keep) reading,? (?:please )?(?:subscribe|become a member).{0,40}",
    ),
    "removed": (
        "(?:this )?(?:video|post|content|page|account|channel|photo|image|tweet|material|document|article|group) "
        "(?:has been |was |is )?(?:removed|deleted|taken down|withdrawn|suspended|terminated|banned) (?:by (?:the "
        "|its )?(?:user|uploader|author|owner|publisher|administrator|admin|moderators?|copyright (?:holder"
        "|owner))|for (?:violating|violation|breach|copyright|legal)|due to (?:a |multiple )?(?:copyright|legal"
        "|terms|policy|dmca|court|violation)|because (?:it|the account) (?:violat|was)|following a (?:court|legal"
        "|copyright|dmca)|at the request of|in response to a|as it violates).{0,80}",
        "this (?:video|page|material) is no longer available (?:due to a|because (?:the|of)).{0,80}(?:copyright"
        "|terminated|deleted|removed|closed|violat).{0,40}",
        "(?:x|twitter) suspends accounts (?:which|that) violate…",
    ),
    "no-site": (
        "contact your hosting provider for more information",
        "if you (?:see|can see) this page, the (?:nginx|apache|caddy|lighttpd|web) ?(?:http )?(?:web )?server "
        "(?:is|has been|has) (?:successfully )?installed…",
        "this is the default (?:welcome )?(?:web )?page (?:used|for|of)…",
        "if you are the owner of this (?:website|domain),? please contact your hosting provider…",
        "the website has been disabled by the hosting…",
    ),
    "for-sale": (
        r"(?:the )?(?:domain|domain name|website|name)?\s?(?:<domain>)? ?(?:is|may be|might be|could be) "
        "(?:available )?for sale(?: by (?:its|the) owner)?",
        "(?:buy|purchase|get|own|acquire) (?:this|the) domain(?: name)?(?: (?:now|today|<domain>))?",
        "(?:this|the) (?:domain|domain name|web page|webpage|website)(?: <domain>)? (?:is|was|has been|may be"
        "|might be) (?:recently |newly )?(?:for sale|available for sale|parked|registered|expired|listed for "
        "sale)(?: (?:free|courtesy"
        "|by|at|with|via|but|and|through|for|free of charge).{0,80})?",
        "(?:the |this )?domain(?: name)?(?: <domain>)? (?:has )?expired.{0,60}",
        "<domain> (?:is|has been) (?:parked|registered|expired).{0,60}",
        "(?:inquire|enquire) (?:about|regarding) this domain…",
        "(?:interested in|would you like to buy) this domain(?: name)?.{0,40}",
        "this (?:web)?page is parked (?:free|for free)…",
        "this domain is parked…",
        "the owner of this domain has not yet uploaded their website…",
        "make an offer on this domain…",
        "the domain owner (?:currently does not offer|may be offering)…",
        "this webpage was generated by the domain owner using…",
    ),
    "private": (
        "this (?:video|account|profile|page|post|group|content|album|channel|community) is (?:set to )?(?:private"
        "|hidden|protected)(?: by (?:its|the) (?:owner|author))?",
        "private (?:video|account|profile)",
        "these posts are protected",
        "this content isn't available right now",
        "when this happens, it's usually because the owner only shared it with a small group…",
        "(?:the )?(?:owner|author|user) has (?:restricted|limited) (?:access|who can).{0,50}",
        "you (?:don't|do not) have access to this (?:page|group|video|file|document|album|profile)",
        "you need (?:access|permission)",
        "sign in if you've been granted access to this video",
    ),
    "login": (
        "(?:please |you (?:must|need to|have to) |you'll need to |you are required to )?(?:log|sign) ?(?:in"
        "|on)(?: or (?:register|sign up|create an account))?(?: (?:to|at) (?!leave|comment|post|reply|vote"
        r"|like)[\w .]{1,30})?,? (?:to|in order to|before you can) (?:continue|view|see|access|read)(?: (?:this"
        "|the|that|our|its|our site).{0,40})?",
        "you (?:must|need to|have to) (?:be )?(?:log(?:ged)?|sign(?:ed)?) ?in (?:to|in order to|before you can) "
        "(?:continue|view|see|access|read).{0,40}",
        "you are not logged in or you do not have permission to access this page…",
        "the board requires you to be registered and logged in to view this (?:forum|topic|page|profile|file)",
        "(?:this )?(?:page|content|group|forum|topic) is (?:only )?(?:available|visible|accessible) (?:only "
        ")?(?:to|for) (?:registered|logged[ -]?in) (?:users|members).{0,30}",
        "create an account or log in to see more.{0,60}",
        "log in to (?:facebook|instagram|x|twitter|linkedin|vk|vkontakte)",
    ),
    "consent": ("before you continue to (?:youtube|google)(?: .{1,20})?",),
    "down": (
        "(?:the|this|our) <site> is (?:currently |temporarily )?(?:down for|undergoing|under|in|offline for) "
        "(?:scheduled |routine )?maintenance.{0,60}",
        "(?:the|this|our) <site> is (?:currently |temporarily )(?:unavailable|offline|down).{0,60}",
        "(?:briefly unavailable for scheduled maintenance).{0,40}",
        "(?:we'll|we will) be back (?:soon|shortly|online|in a (?:moment|few)).{0,40}",
        "(?:we are|we're) (?:currently )?(?:performing|undergoing|doing|down for) (?:some |scheduled |routine "
        ")?maintenance.{0,60}",
        "error establishing a database connection",
        "(?:the server|it) encountered an internal (?:server )?error.{0,100}",
        "the service is (?:temporarily )?unavailable.{0,40}",
        "the web server is (?:currently )?(?:down|not returning a connection).{0,40}",
        "there has been a critical error on (?:this|your) website.{0,60}",
        "fatal error: (?:uncaught .{1,200})",
        "mysqli?_(?:p?connect|query|real_connect).{1,180}line [0-9]{1,6}",
        "(?:http )?(?:500 internal server error|50[234] .{3,30})",
    ),
    "deleted": (
        "(?:this )?(?:video|post|content|photo|account|channel|tweet|message|story|clip) (?:has been |was "
        ")?(?:removed|deleted)",
        "(?:this )?(?:video|clip|broadcast|recording) (?:is |isn't |is not )?(?:unavailable|available anymore"
        "|available any more|no longer available)",
        "this (?:account|channel|user|page|group|profile) (?:doesn't|does not|no longer) exists?…",
        "this (?:post|tweet|message) is (?:unavailable|no longer available)",
        "page (?:deleted|removed)",
    ),
    "not-found": (
        "(?:the|this|that) (?:requested )?(?:page|document|file|url|article|content|resource)(?: that| which)? "
        "you(?:'re| are| were|'ve| have)? (?:just )?(?:looking|look|tried|trying|requested|searching"
        "|attempting).{0,80}(?:<missing>|moved)…",
        "(?:the|this|that) (?:page|document|file|url|article|story|post|resource|item)(?: you requested| "
        "requested)? (?:could|can|cannot|can't|does|is|was|has|no longer|doesn't|isn't).{0,30}<missing>(?: on "
        "(?:this|our) (?:server|site|website))?(?: or .{0,60})?",
        "the requested (?:url|resource|page|document|file|item|article)(?: .{1,100})? (?:was|is|could"
        "|cannot).{0,10}not.{0,20}(?:found|exist|available)…",
        "we (?:could not|couldn't|cannot|can't|can not|are unable to) (?:find|locate) (?:the|that|this|your) "
        "(?:requested )?(?:page|article|document|file|content)…",
        "(?:it looks like )?nothing was found at this location…",
        "there(?:'s| is) nothing here",
        "no (?:such )?(?:page|article|record|document|post|news|item|entry)s?(?: was| were| has been)? (?:found"
        "|exists?)(?: (?:here|with this (?:id|address)))?",
        "(?:the )?(?:page|article|record|document|file|post|news item|item|entry|user|profile|channel|group|thread"
        "|topic) (?:was |is |could )?(?:not (?:be )?found|does not exist|doesn't exist)",
        "(?:that|this) page (?:can't|cannot|could not) be found",
        "the page can(?:not|'t) be (?:found|displayed)…",
        "this (?:page|content|story|post) (?:isn't|is not) available(?: (?:right now|anymore|at the moment))?",
        "this (?:page|content|story|post|article|profile) is no longer available",
        "the link you followed may be broken,? or the page may have been removed",
        "(?:the )?(?:specified|requested) (?:thread|forum|topic|user|page|post|profile|event|product|article) "
        "(?:cannot be found|could not be found|does not exist|was not found)…",
        "no (?:thread|topic|user|post|product)s? specified…",
        "the requested (?:topic|forum|user) does not exist",
        r"if you have telegram, you can contact @\w{1,64} right away",
        "post not found",
        "the specified key does not exist",
        "invalid (?:article|news|post|page|product|record) (?:id|number)",
    ),
    "forbidden": (
        "you (?:don't|do not) have permission to (?:access|view).{0,120}",
        "(?:you have been|your ip(?: address)?(?: .{0,45})? (?:has been|is|was)) (?:blocked|banned)(?: (?:from|by"
        "|due|for).{0,60})?",
        "access (?:to this (?:page|site|resource|website|server) )?(?:is |has been |was )?(?:forbidden|denied) "
        "(?:by|on this server|for your ip|from your|due).{0,60}",
        "this error was generated by mod_security",
        "your access to this (?:site|service) has been limited.{0,40}",
        "you are unable to access this (?:site|website)",
        "the action you just performed triggered the security solution",
        "this website is using a security service to protect itself from online attacks…",
    ),
}

TITLE: dict[str, tuple[str, ...]] = {
    "challenge": (
        "just a moment",
        "=attention required",
        "ddos-guard",
        "one moment, please",
        "=one more step",
        r"please wait\.\.\. cloudflare",
        "human verification",
        "vercel security checkpoint",
        "pardon our interruption",
        "checking your browser",
        "making sure you're not a bot",
        "you are being redirected",
        "access to this page has been denied",
        "security check required",
        "bot verification",
        "robot check",
        "captcha challenge",
        "verify you are human",
    ),
    "geo": (
        "not available in your <country>",
        "unavailable (?:for|due to) legal reasons",
        "access (?:blocked|restricted) in your .{1,20}",
    ),
    "too-many": (
        "(?:429 )?too many requests",
        "rate limit(?:ed| exceeded)",
    ),
    "age": (
        "age (?:verification|check|gate|confirmation)(?: required)?",
        "are you (?:over )?18",
        "age[ -]restricted content",
    ),
    "no-site": (
        "welcome to (?:nginx|caddy|openresty|lighttpd|centos|openlitespeed)(?: on .{0,30})?",
        r"apache2? (?:\w{1,12} )?default page(?:: it works)?",
        "test page for the (?:nginx|apache).{0,60}",
        "=it works",
        "iis windows(?: server)?",
        "iis[0-9.]{1,4}",
        "default (?:web site|parallels plesk|plesk|web) page",
        "=account suspended",
        "(?:domain|website) default page",
        "=default page",
        "web server's default page",
    ),
    "for-sale": (
        "(?:the )?(?:domain )?(?:name )?<domain> (?:is|may be) for sale(?: .{0,40})?",
        "buy <domain>(?: .{0,30})?",
        "(?:this )?domain(?: name)? (?:is )?(?:for sale|parked|expired|parking|default page)",
        "parked domain(?: name)?",
        "<domain>(?: -)? (?:domain (?:is )?for sale|parked domain)",
        "domain name for sale",
        r"hugedomains\.com",
    ),
    "private": (
        "private video",
        "private (?:group|profile|account)",
    ),
    "login": (
        "log ?in",
        "sign ?in",
        "log ?in or sign ?up.{0,40}",
        "log in to .{1,40}",
        "sign in to .{1,40}",
        "login required",
        "authentication required",
    ),
    "consent": (
        "before you continue to (?:youtube|google)(?: .{1,20})?",
        r"(?:[\w ]{1,30} )?privacy gate",
        "cookie consent required",
    ),
    "privacy": (
        "(?:we|the \\w{1,20}) (?:value|values|respect|care about) your privacy",
        "your privacy (?:matters|is important)(?: to us)?",
        "(?:this|our) (?:site|website) uses cookies",
        "we use cookies(?: and .{1,40})?",
        "accept cookies to continue",
    ),
    "down": (
        "(?:site |website )?(?:under|undergoing|in|down for) maintenance",
        "maintenance mode",
        "500 internal server error",
        r"50[234][\s:-]*(?:bad gateway|service (?:temporarily )?unavailable|gateway time-?out)",
        "502 bad gateway",
        "error establishing a database connection",
        "we'll be back soon",
    ),
    "deleted": ("(?:video|post|account|channel) (?:deleted|removed)",),
    "not-found": (
        r"(?:error )?(?:http )?404(?: error)?[\s:.,()-]*(?:page |file |document )?not found",
        "(?:the )?(?:page|file|document|article|story|content|url|object|resource|post|thread|topic|user|profile"
        r"|video|item|record)(?: was| could)? not (?:be )?found[\s:!(]*(?:error )?(?:404)?\)?",
        r"404[\s-]*(?:page|error)",
        "=404",
        "=not found",
        "error 404",
        "http 404",
        "page (?:cannot|can not|can't|could not) be (?:found|displayed)",
        "nothing found",
        "=oops",
        "(?:this )?page (?:does not|doesn't) exist",
        "(?:this )?page (?:is )?(?:no longer available|unavailable)",
        "content (?:is )?(?:unavailable|no longer available)",
    ),
}
