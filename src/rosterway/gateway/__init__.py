"""Files on their way in: the folders, what arrives in them, and what is inside.

`folders` says how a tenant's tree looks, `sealing` when a delivery is complete,
`arrivals` takes complete deliveries out of the tree, `handoff` does so without loss.
`unpack` and `stage` read what was taken.
"""
