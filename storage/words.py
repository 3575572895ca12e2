"""The two words by which staff know a child whose name must not stand anywhere. Kind, harmless, told apart by ear.

May hold no word that describes a child, a body, a place, a people or a danger: a reference is read aloud at 2 a.m.
"""

from __future__ import annotations

from typing import Final

from storage import chance

_FIRST: Final = """
    amber autumn azure birch bonny bright bronze calm cedar cheery citrus clear clever clover cobalt copper
    coral cosy cotton crimson crisp dapper dawn downy early easy elm emerald even fair fern fine floral fluffy
    frosty garnet gentle gilded ginger glad gleaming golden grand green hazel heather honey humming indigo ivory
    jade jolly kindly lavender leafy lemon lilac linen lively loyal lucky lunar maple mellow merry minty misty
    mossy neat nimble noble oaken olive onyx opal patient peach pearl pine plucky plum polite quiet quick rosy
    royal ruby russet rustic saffron sandy sage scarlet sepia silken silver simple sky smooth snowy soft solar
    sparkly spring starry steady summer sunny tawny teal thyme tidy topaz tranquil true velvet verdant violet
    warm wavy willow windy winter wise woolly
"""
_SECOND: Final = """
    acorn anchor apple apron arrow badger ballad banjo barley basket beacon beaver bell biscuit blossom bluebell
    boat bonnet book bramble bread bridge brook bucket bugle button cabin camel candle canoe canvas cello
    chestnut chorus cloud compass cookie cricket crumpet curlew cushion daisy dolphin domino donkey dragonfly
    drum duckling eagle easel feather fiddle finch flute fountain garden gazebo goose guitar hammock harbour
    harp heron hedgehog iris jigsaw kettle kite kitten lantern lark leaf lighthouse lily lobster lupin magpie
    mango marble marigold meadow melon mitten muffin nutmeg oboe orchard otter owl paddle pancake panda parcel
    parrot pebble pelican pencil penguin piano pigeon pillow planet pocket poppy puffin puzzle quill quilt
    rabbit rainbow raven ribbon river robin rocket sandal seal shell skylark slipper sparrow squirrel starling
    sundial sunflower swallow swan teacup teapot thimble thistle toffee tortoise trumpet tulip turnip turtle
    umbrella violin wagon walnut walrus whistle woodpecker wren yacht zebra
"""

FIRST: Final = tuple(_FIRST.split())
SECOND: Final = tuple(_SECOND.split())


def reference(attempt: int = 0) -> str:
    """Two words (`amber-heron`); from the fourth attempt on with a number, for when most pairs are taken."""
    pair = f"{chance.choice(FIRST)}-{chance.choice(SECOND)}"
    return pair if attempt < 3 else f"{pair}-{chance.below(90_000) + 10_000}"  # noqa: PLR2004 - three tries
