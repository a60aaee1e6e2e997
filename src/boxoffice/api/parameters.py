"""Query parameters and headers that operations share, as the OpenAPI document tells of them."""

import datetime as dt
from typing import Annotated

from msgspec import Meta

from boxoffice.api.operation import Parameter
from boxoffice.api.queries import LIMIT_DEFAULT, LIMIT_MAX

LIMIT = Parameter(
    name="limit",
    description=f"Entries per page; {LIMIT_DEFAULT} when left out.",
    kind=Annotated[int, Meta(ge=1, le=LIMIT_MAX)],
)
CURSOR = Parameter(name="cursor", description="`next` of the page before; opaque.", kind=str)
FROM = Parameter(
    name="from",
    description="First local date, inclusive; reaches past ones too. Without it only dates ahead are listed.",
    kind=dt.date,
)
TO = Parameter(name="to", description="Last local date, inclusive.", kind=dt.date)
IF_NONE_MATCH = Parameter(name="If-None-Match", description="An ETag whose body the client has.", kind=str)

LINK = Parameter(name="Link", description='The next page, `rel="next"` (RFC 8288); not on the last page.', kind=str)
ETAG = Parameter(name="ETag", description="Of this body; send it back as If-None-Match.", kind=str, required=True)
CACHE_CONTROL = Parameter(
    name="Cache-Control", description="`no-cache`: keep it, but ask before using it.", kind=str, required=True
)
