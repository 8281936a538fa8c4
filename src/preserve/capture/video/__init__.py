"""Films: found by yt-dlp, fetched in pieces by our own network layer, copied by ffmpeg."""
