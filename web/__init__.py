"""Top floor: pages and services over HTTP.

`web.app.create_app` makes the application, `web.server.run_server` serves it. Templates and
styles are our own, there is no script in a page, and no page needs one.
"""
