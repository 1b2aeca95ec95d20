"""The rows: what the house remembers. They know their snapshot and how to take a decision; nothing of HTTP."""

from bespoke.models.access import Attempt, ClientLink, SignIn, StaffLink
from bespoke.models.approval import ApprovalRow, OverrideRow, ReleaseRow
from bespoke.models.base import Base
from bespoke.models.brief import Brief, BriefDraft, BriefPicture, DraftPicture, Sketch
from bespoke.models.commission import Commission, Participant
from bespoke.models.custody import CustodyIntake, CustodyItem, CustodyMove
from bespoke.models.delivery import Delivery
from bespoke.models.design import Pin, PinReply, Revision, RevisionPicture
from bespoke.models.document import Document
from bespoke.models.event import Event
from bespoke.models.factor import Authenticator, Passkey, RecoveryCode, StepUp
from bespoke.models.file import File
from bespoke.models.house import HouseRow
from bespoke.models.identity import StoneIdentity
from bespoke.models.job import Job
from bespoke.models.ledger import Entry, InstalmentRow, Invoice, Payment, Posting
from bespoke.models.message import Message
from bespoke.models.notice import LetterRow, Notice
from bespoke.models.people import Person
from bespoke.models.piece import Content, MilestoneRow, Piece
from bespoke.models.production import Evidence, Photograph, QcReading, Rework, Weight, WorkSpan
from bespoke.models.quote import Quote, QuoteLine
from bespoke.models.stone import StoneHold, StoneOption, StoneReport, StoneRow

__all__ = [
    "ApprovalRow",
    "Attempt",
    "Authenticator",
    "Base",
    "Brief",
    "BriefDraft",
    "BriefPicture",
    "ClientLink",
    "Commission",
    "Content",
    "CustodyIntake",
    "CustodyItem",
    "CustodyMove",
    "Delivery",
    "Document",
    "DraftPicture",
    "Entry",
    "Event",
    "Evidence",
    "File",
    "HouseRow",
    "InstalmentRow",
    "Invoice",
    "Job",
    "LetterRow",
    "Message",
    "MilestoneRow",
    "Notice",
    "OverrideRow",
    "Participant",
    "Passkey",
    "Payment",
    "Person",
    "Photograph",
    "Piece",
    "Pin",
    "PinReply",
    "Posting",
    "QcReading",
    "Quote",
    "QuoteLine",
    "RecoveryCode",
    "ReleaseRow",
    "Revision",
    "RevisionPicture",
    "Rework",
    "SignIn",
    "Sketch",
    "StaffLink",
    "StepUp",
    "StoneHold",
    "StoneIdentity",
    "StoneOption",
    "StoneReport",
    "StoneRow",
    "Weight",
    "WorkSpan",
]
