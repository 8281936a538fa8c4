#!/bin/sh
# Made the films of this folder: three seconds of a test card and a tone, in the shapes that platforms serve.
# Encoders of another version give other bytes; the tests only ask that the bytes stay what they are.
set -eu
cd "$(dirname "$0")"

card() { echo "testsrc2=size=$1:rate=5:duration=3"; }
tone="sine=frequency=440:duration=3"
make() { ffmpeg -hide_banner -loglevel error -y -bitexact "$@"; }
exact="-fflags +bitexact -flags:v +bitexact -flags:a +bitexact -map_metadata -1"
h264="-c:v libx264 -preset veryslow -pix_fmt yuv420p -threads 1"
aac="-c:a aac -b:a 24k -ac 1"

make -f lavfi -i "$(card 640x360)" $h264 -crf 46 $exact -movflags +faststart video-360.mp4
make -f lavfi -i "$(card 1280x720)" $h264 -crf 51 $exact -movflags +faststart video-720.mp4
make -f lavfi -i "$(card 1280x720)" -c:v libvpx-vp9 -crf 63 -b:v 0 -deadline good -cpu-used 3 -threads 1 \
    -pix_fmt yuv420p $exact video-720.webm
make -f lavfi -i "$tone" $aac $exact -movflags +faststart audio.m4a
make -f lavfi -i "$tone" -c:a libopus -b:a 20k -ac 1 $exact audio.webm
make -f lavfi -i "$(card 640x360)" -f lavfi -i "$tone" $h264 -crf 46 $aac $exact -movflags +faststart film-360.mp4
make -f lavfi -i "$(card 1280x720)" -f lavfi -i "$tone" $h264 -crf 51 $aac $exact -movflags +faststart film-720.mp4

make -f lavfi -i "$(card 320x180)" -f lavfi -i "$tone" $h264 -crf 40 -g 5 -keyint_min 5 -sc_threshold 0 $aac $exact \
    -f hls -hls_time 1 -hls_list_size 0 -hls_segment_filename 'segment-%d.ts' list.m3u8
make -f lavfi -i "$(card 320x180)" -f lavfi -i "$tone" $h264 -crf 40 -g 5 -keyint_min 5 -sc_threshold 0 $aac $exact \
    -f dash -seg_duration 1 -init_seg_name 'dash-$RepresentationID$-init.mp4' \
    -media_seg_name 'dash-$RepresentationID$-$Number$.m4s' dash.mpd
rm list.m3u8  # the sites write their own
