"""What a stage does when a receivable enters it, as one word of a policy's row: tasks, messages, stops, proposals.

A task stands by its name alone; the others say their kind first, so that a row's list is what is digested, compared and
fired: ``MESSAGE:<template>:<channel>:<recipient>``, ``STOP:<kind>``, ``PROPOSE:<kind>``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clients.choices import ActionKind, Channel, MessageTemplate, ProposalKind, Recipient, StageAction, StopKind

# What can be written to somebody; calls and visits are tasks.
WRITTEN = (Channel.SMS, Channel.EMAIL, Channel.LETTER)
# As many messages as the editor has lines for; a stage that needs more is two stages.
MOST_MESSAGES = 2


@dataclass(frozen=True, kw_only=True)
class Action:
    """One action: ``what`` is a task, a template, a kind of stop or of proposal."""

    kind: str
    what: str
    channel: str = ""
    recipient: str = ""

    @property
    def code(self) -> str:
        parts = [self.what] if self.kind == ActionKind.TASK else [self.kind, self.what, self.channel, self.recipient]
        return ":".join(part for part in parts if part)

    @property
    def label(self) -> str:
        """In words, in the reader's language."""
        if self.kind == ActionKind.MESSAGE:
            words = (MessageTemplate(self.what), Channel(self.channel), Recipient(self.recipient))
            return " · ".join(str(word.label) for word in words)
        if self.kind == ActionKind.PROPOSE:
            return f"{ActionKind.PROPOSE.label}: {ProposalKind(self.what).label}"
        return str((StopKind if self.kind == ActionKind.STOP else StageAction)(self.what).label)


def action_of(code: str) -> Action | None:
    """The action a word of a row names; None when there is no such action."""
    match code.split(":"):
        case [what] if what in StageAction.values:
            return Action(kind=ActionKind.TASK, what=what)
        case [ActionKind.MESSAGE, what, channel, recipient] if (
            what in MessageTemplate.values and channel in WRITTEN and recipient in Recipient.values
        ):
            return Action(kind=ActionKind.MESSAGE, what=what, channel=channel, recipient=recipient)
        case [ActionKind.STOP, what] if what in StopKind.values:
            return Action(kind=ActionKind.STOP, what=what)
        case [ActionKind.PROPOSE, what] if what in ProposalKind.values:
            return Action(kind=ActionKind.PROPOSE, what=what)
    return None


def messages_of(codes: Sequence[str]) -> list[Action]:
    """The messages among the actions of a stage."""
    return [action for code in codes if (action := action_of(code)) is not None and action.kind == ActionKind.MESSAGE]


def action_words(code: str) -> str:
    """An action in words; what nobody knows any more, as it stands."""
    action = action_of(code)
    return action.label if action is not None else code
