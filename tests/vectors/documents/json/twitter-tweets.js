window.YTD.tweets.part0 = [ {
  "tweet" : {
    "full_text" : "See https://t.co/AbCdEf12 for it",
    "entities" : { "urls" : [ { "url" : "https://t.co/AbCdEf12", "expanded_url" : "https://example.org/expanded", "indices" : [ "4", "27" ] } ] }
  }
} ]
